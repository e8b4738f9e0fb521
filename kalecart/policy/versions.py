"""The versions of the policy that come with the shop: Markdown files named by the day they take effect (C9)."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True, kw_only=True)
class PolicyVersion:
    """One wording of the policy. It never changes: a correction is a new version."""

    version: str
    effective_on: date
    text: str

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def html(self) -> str:
        return html_of(self.text)


@cache
def packaged() -> tuple[PolicyVersion, ...]:
    """Every version this copy of the shop carries, the oldest first."""
    texts = sorted((files("kalecart.policy") / "versions").iterdir(), key=lambda entry: entry.name)
    return tuple(
        PolicyVersion(
            version=entry.name.removesuffix(".md"),
            effective_on=date.fromisoformat(entry.name.removesuffix(".md")),
            text=entry.read_text(encoding="utf-8"),
        )
        for entry in texts
        if entry.name.endswith(".md")
    )


@cache
def html_of(text: str) -> str:
    """The page's body. Raw HTML is off, so a text from the database can carry no script; `{#c1}` after a heading is
    its anchor, by which a clause is linked to.
    """
    markdown = MarkdownIt("commonmark", {"html": False, "typographer": False})
    tokens = markdown.parse(text)
    for opening, words in pairwise(tokens):
        if opening.type == "heading_open":
            _anchor(opening, words)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _anchor(opening: Token, words: Token) -> None:
    last = words.children[-1] if words.children else None
    found = re.search(r"\s*\{#([a-z0-9-]+)\}$", last.content) if last else None
    if found and last:
        last.content = last.content[: found.start()]
        opening.attrSet("id", found[1])
