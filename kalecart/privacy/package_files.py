"""A package as files: JSON for programs, HTML and PDF for people, a manifest with their fingerprints, one ZIP."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from kalecart.privacy.package import SCHEMA, Package
from kalecart.privacy.package_words import Section, sections_of
from kalecart.typeset import typesetting

_HTML: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>What KaleCart holds about you</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
h1, h2 {{ line-height: 1.2; }} h2 {{ margin-top: 2.5rem; }} h3 {{ margin: 1rem 0 .2rem; font-size: 1rem; }}
.about {{ opacity: .8; font-size: .9rem; margin: .2rem 0; }}
dl {{ display: grid; grid-template-columns: minmax(8rem, 30%) 1fr; gap: .2rem 1rem;
  border-top: 1px solid #8886; padding-top: .6rem; }}
dt {{ opacity: .8; }} dd {{ margin: 0; overflow-wrap: anywhere; }}
ul {{ margin: 0; padding-left: 1.2rem; }}
@media print {{ body {{ max-width: none; margin: 0; }} }}
</style></head><body><main>
{body}
</main></body></html>
"""

# Plain paragraphs: a table of ten thousand cells takes the typesetter ten times as long.
_TYPST: Final = """
#set page(paper: "us-letter", margin: 18mm, numbering: "1 / 1")
#set text(size: 9pt, lang: "en")
#set par(justify: false, linebreaks: "simple", spacing: 0.7em)
#set document(title: "What KaleCart holds about you")
#let sections = json(bytes(sys.inputs.told))
#for (at, section) in sections.enumerate() {
  heading(level: if at == 0 { 1 } else { 2 }, section.title)
  for line in section.intro { par(text(fill: luma(90), line)) }
  for paragraph in section.paragraphs { par(paragraph) }
}
"""


def archive(package: Package) -> bytes:
    """The ZIP a person downloads. Blocks; the PDF is made beside the rest."""
    sections = list(sections_of(package))
    with typesetting(_TYPST, _told(sections)) as report:
        files = {
            "package.json": json.dumps(package.document(), ensure_ascii=False, indent=1).encode(),
            "report.html": html(sections).encode(),
            "report.pdf": report.pdf(),
        }
    files["manifest.json"] = _manifest(package, files)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", compression=zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return held.getvalue()


def html(sections: Sequence[Section]) -> str:
    parts = []
    for at, section in enumerate(sections):
        level = "h2" if at else "h1"
        parts.append(f"<{level}>{escape(section.title)}</{level}>")
        parts += [f'<p class="about">{escape(line)}</p>' for line in section.intro]
        for pairs in section.facts:
            inner = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
            parts.append(f"<dl>{inner}</dl>")
        for title, lines in section.lines:
            parts.append(f"<h3>{escape(title)}</h3>" if title else "")
            parts.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>")
    return _HTML.format(body="\n".join(parts))


def _told(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """The sections as the PDF has them."""
    return [
        {"title": section.title, "intro": section.intro, "paragraphs": list(_paragraphs(section))}
        for section in sections
    ]


def _paragraphs(section: Section) -> Iterator[str]:
    for pairs in section.facts:
        yield "\n".join(f"{name}: {value}" for name, value in pairs)
    for title, lines in section.lines:
        yield "\n".join([title, *lines] if title else lines)


def _manifest(package: Package, files: Mapping[str, bytes]) -> bytes:
    listed = [
        {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    told = {"schema": SCHEMA, "snapshot_at": package.snapshot_at.isoformat(), "records": package.records}
    return json.dumps(told | {"files": listed, "unread": list(package.unread)}, indent=1).encode()
