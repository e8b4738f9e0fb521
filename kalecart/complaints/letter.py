"""A letter about a complaint on paper: one sheet for all of them, whatever they say (C12)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from kalecart.clock import shop_date
from kalecart.complaints.complaint import Channel, Complaint
from kalecart.correspondents.source import NAMELESS
from kalecart.policy.contact import CONTACT
from kalecart.typeset import typesetting

CAME: Final = {Channel.POST: "by post", Channel.MAIL: "by e-mail", Channel.WEB: "on our website"}

# A part is a paragraph, a heading, or a numbered list: text to the typesetter, and never markup.
Part = Mapping[str, Any]
_TYPST: Final = """
#let told = json(bytes(sys.inputs.told))
#set page(paper: "us-letter", margin: (x: 25mm, y: 22mm), footer: context align(center, text(9pt, luma(80))[
  #told.contact.company, #told.contact.street, #told.contact.place
  #h(1em) Complaint #told.number #h(1em) #counter(page).display("1 / 1", both: true)
]))
#set text(size: 11pt, lang: "en")
#set par(justify: false, spacing: 1em)
#set document(title: told.title)
#show heading: set block(sticky: true)
#text(18pt, weight: "bold")[KaleCart]
#v(1.5em)
#for line in told.to [#line #linebreak()]
#v(1.5em)
#told.today
#v(1em)
#heading(level: 1, text(14pt, told.title))
#v(0.5em)
#for part in told.parts {
  if "heading" in part { v(0.3em); heading(level: 2, text(11pt, part.heading)) }
  if "paragraph" in part { par(part.paragraph) }
  if "list" in part { enum(..part.list) }
}
#v(1em)
#block(breakable: false)[#for line in told.signed [#line #linebreak()]]
"""


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A file, under a name of ours."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is to be printed about a case, and for whom: their name, and the lines they gave as their address."""

    case: Complaint
    what: str
    title: str
    name: str = field(repr=False)
    postal: str = field(repr=False)
    parts: Sequence[Part] = field(repr=False)

    def printed(self, now: datetime) -> Printed:
        """A PDF. Blocks while it is made."""
        lines = [line.strip() for line in self.postal.splitlines() if line.strip()]
        named = self.name != NAMELESS
        told = {
            "contact": asdict(CONTACT),
            "number": self.case.number,
            "to": [self.name, *lines] if named and lines[:1] != [self.name] else lines,
            "today": day(now),
            "title": self.title,
            # Whom it is about signs nothing of it (E84).
            "signed": [CONTACT.company] if self.case.against else [CONTACT.person, CONTACT.company],
            "parts": [paragraph(f"Dear {self.name}," if named else "Hello,"), *self.parts],
        }
        with typesetting(_TYPST, told) as letter:
            return Printed(name=f"complaint-{self.case.number}-{self.what}.pdf", content=letter.pdf())


def write_to(case: Complaint) -> str:
    """Where letters about it go: never to whom it is about (E84)."""
    office = f"{CONTACT.company}, {CONTACT.street}, {CONTACT.place}"
    return office if case.against else f"{CONTACT.person}, {office}, or to {CONTACT.email}"


def paragraph(text: str) -> Part:
    return {"paragraph": text}


def heading(text: str) -> Part:
    return {"heading": text}


def numbered(lines: Sequence[str]) -> Part:
    return {"list": list(lines)}


def section(title: str, text: str) -> Sequence[Part]:
    """A heading, and each line that was typed as a paragraph of its own."""
    return [heading(title), *(paragraph(line) for line in text.splitlines() if line.strip())]


def day(instant: datetime) -> str:
    on = shop_date(instant)
    return f"{on:%A}, {on:%B} {on.day}, {on.year}"
