"""A line of the table: what was measured, what it was, what it should be."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Line:
    """`reached` is None where there is no aim."""

    letter: str
    what: str
    figure: str
    aim: str = ""
    reached: bool | None = None
