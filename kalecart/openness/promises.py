"""The promises, clause by clause, as docs/policy.md has them: the one place that says which code keeps each, which test
proves it, and where to look. The public page is drawn from the same rows, and a test holds them against the tree.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

MAP: Final = Path(__file__).parents[2] / "docs" / "policy.md"
COLUMNS: Final = 4

_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_ADDRESS: Final = re.compile(r"/[a-z0-9/#?=-]*")
_CLAUSE: Final = re.compile(r"(C\d{1,2}) (.+)")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A stretch of a cell: plain words, a name out of the code, or an address in this shop."""

    kind: Literal["words", "code", "address"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One row. `clause` is `C9`."""

    clause: str
    title: str
    enforced: Sequence[Part]
    proven: Sequence[Part]
    evidence: Sequence[Part]

    @property
    def number(self) -> int:
        return int(self.clause[1:])


@cache
def promises() -> tuple[Promise, ...]:
    """All of them, in the policy's order."""
    return tuple(_rows(MAP.read_text(encoding="utf-8")))


def _rows(text: str) -> Iterator[Promise]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        found = _CLAUSE.fullmatch(cells[0])
        if found and len(cells) == COLUMNS:
            enforced, proven, evidence = (tuple(_parts(cell)) for cell in cells[1:])
            yield Promise(clause=found[1], title=found[2], enforced=enforced, proven=proven, evidence=evidence)


def _parts(cell: str) -> Iterator[Part]:
    """Every other stretch between back quotes is code."""
    for number, text in enumerate(_LINK.sub(r"\1", cell).split("`")):
        if number % 2:
            yield Part(kind="address" if _ADDRESS.fullmatch(text) else "code", text=text)
        elif text:
            yield Part(kind="words", text=text)
