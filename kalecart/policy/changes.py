"""What changed between two versions of the policy, clause by clause and word by word (C9)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, Literal

Op = Literal["same", "added", "removed"]
COMPARED_MAX: Final = 32

_HEADING: Final = re.compile(r"^#{1,2} +(.*?)\s*(?:\{#([a-z0-9-]+)\})?\s*$")
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_PARAGRAPH: Final = "\n\n"


@dataclass(frozen=True, kw_only=True)
class Run:
    """Words in a row that stayed, came or went."""

    op: Op
    text: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """One clause in both versions. `paragraphs` is empty where nothing changed."""

    id: str
    title: str
    op: Op
    paragraphs: Sequence[Sequence[Run]]

    @property
    def changed(self) -> bool:
        return bool(self.paragraphs)


@lru_cache(maxsize=COMPARED_MAX)
def changes(before: str, after: str) -> tuple[Section, ...]:
    """Every clause of both texts, in the newer one's order; what the newer one left out comes last."""
    old, new = _clauses(before), _clauses(after)
    kept = [_compared(name, old.get(name), clause) for name, clause in new.items()]
    return (*kept, *(_compared(name, clause, None) for name, clause in old.items() if name not in new))


@dataclass(frozen=True, kw_only=True)
class _Clause:
    title: str
    words: Sequence[str]


def _clauses(text: str) -> Mapping[str, _Clause]:
    found: dict[str, _Clause] = {}
    name, title, lines = "opening", "", list[str]()
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading:
            found |= _clause(name, title, lines)
            name, title, lines = heading[2] or heading[1], heading[1], []
        else:
            lines.append(line)
    return found | _clause(name, title, lines)


def _clause(name: str, title: str, lines: Sequence[str]) -> dict[str, _Clause]:
    words = tuple(_words("\n".join(lines)))
    return {name: _Clause(title=title, words=words)} if title or words else {}


def _words(text: str) -> Iterator[str]:
    """Words as people read them, without Markdown; between two paragraphs a word of its own."""
    plain = _LINK.sub(r"\1", text).replace("**", "").replace("\\\n", "\n")
    paragraphs = [paragraph.split() for paragraph in re.split(r"\n\s*\n", plain) if paragraph.strip()]
    for number, words in enumerate(paragraphs):
        if number:
            yield _PARAGRAPH
        yield from words


def _compared(name: str, old: _Clause | None, new: _Clause | None) -> Section:
    title = (new or old or _Clause(title=name, words=())).title
    op: Op = "same" if old and new else "added" if new else "removed"
    before, after = (clause.words if clause else () for clause in (old, new))
    if op == "same" and before == after:
        return Section(id=name, title=title, op=op, paragraphs=())
    return Section(id=name, title=title, op=op, paragraphs=_paragraphs(_runs(before, after)))


def _runs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Op, Sequence[str]]]:
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", before[a:b]
        else:
            yield "removed", before[a:b]
            yield "added", after[c:d]


def _paragraphs(runs: Iterator[tuple[Op, Sequence[str]]]) -> tuple[tuple[Run, ...], ...]:
    """Break runs where a paragraph ends in either version."""
    paragraphs: list[list[Run]] = [[]]
    for op, words in runs:
        line: list[str] = []
        for word in (*words, None):
            if word is None or word == _PARAGRAPH:
                if line:
                    paragraphs[-1].append(Run(op=op, text=" ".join(line)))
                line = []
            else:
                line.append(word)
            if word == _PARAGRAPH and paragraphs[-1]:
                paragraphs.append([])
    return tuple(tuple(paragraph) for paragraph in paragraphs if paragraph)
