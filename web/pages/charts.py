"""Charts as the server draws them: where each bar and each range lies. A table with the same numbers stands beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kalecart.figures.published import Line

# In the picture's own units: it is drawn for the narrowest screen and grows with its place.
WIDTH: Final = 320
ROW: Final = 40
BARS_MAX: Final = 12
NAME_LENGTH_MAX: Final = 36
STEP: Final = 10


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One line of it. `bar` is its length, None where only an upper end is told; the range is `low` to `high`."""

    name: str
    said: str
    top: int
    bar: float | None
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`marks` are whole percents along the axis, each with its place."""

    height: int
    bars: Sequence[Bar]
    marks: Sequence[tuple[int, float]]
    more: int


def chart_of(lines: Sequence[Line]) -> Chart:
    """The first lines that say something, in their order."""
    told = [line for line in lines if line.high is not None]
    shown = told[:BARS_MAX]
    most = max((line.high or 0 for line in shown), default=0)
    end = max(-(-most // STEP) * STEP, STEP)
    bars = [_bar(line, number * ROW, end) for number, line in enumerate(shown)]
    marks = [(percent, _x(percent, end)) for percent in (0, end // 2, end)]
    return Chart(height=len(bars) * ROW + 18, bars=bars, marks=marks, more=len(told) - len(shown))


def _bar(line: Line, top: int, end: int) -> Bar:
    return Bar(
        name=line.name if len(line.name) <= NAME_LENGTH_MAX else f"{line.name[: NAME_LENGTH_MAX - 1]}…",
        said=f"< {line.high} %" if line.about is None else f"{line.about} %",
        top=top,
        bar=None if line.about is None else _x(line.about, end),
        low=_x(line.low or 0, end),
        high=_x(line.high or 0, end),
    )


def _x(percent: int, end: int) -> float:
    return round(percent / end * WIDTH, 1)
