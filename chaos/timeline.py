"""A run drawn over time: orders, how long they took, and below them what was done to the shop."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from chaos.plan import Kind
from chaos.run import Run
from chaos.strike import Struck

WIDTH: Final = 1000
LEFT: Final = 150
ROW: Final = 22
CHART: Final = 120
GAP: Final = 26
LANES: Final = (
    ("kills", {Kind.KILL, Kind.RESTART_POSTGRES}, "kill"),
    ("kills at a step", {Kind.KILL_AT}, "kill"),
    ("frozen", {Kind.FREEZE}, "freeze"),
    ("lines", {Kind.LINE, Kind.CUT}, "line"),
    ("Valkey wiped", {Kind.WIPE_VALKEY}, "wipe"),
    ("Stripe fails", {Kind.STRIPE}, "stripe"),
    ("webhooks", {Kind.WEBHOOKS}, "hooks"),
)
TICKS: Final = 10


class Scale:
    """Seconds of the run as places on the page."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(seconds, 1.0)

    def x(self, at_s: float) -> float:
        return LEFT + (WIDTH - LEFT) * min(max(at_s, 0.0), self.seconds) / self.seconds

    def buckets(self) -> int:
        return max(10, min(120, int(self.seconds // 2)))

    def bucket(self, at_s: float) -> int:
        return min(int(at_s / self.seconds * self.buckets()), self.buckets() - 1)


def timeline(run: Run) -> str:
    """An SVG picture that needs nothing else; the same figures are in the table beside it."""
    scale = Scale(run.lasted_s)
    placed = [(each.began_s, each.ended_s - each.began_s) for each in run.history.did("place", "ok")]
    top = CHART + GAP
    lanes_top = top + CHART + GAP
    height = lanes_top + len(LANES) * ROW + 30
    parts = [
        _chart(scale, _per_second(scale, [at for at, _ in placed]), y=0, name="orders a second", kind="rate"),
        _chart(scale, _slowest(scale, placed), y=top, name="slowest order, s", kind="slow"),
        *(_lane(scale, run.striker.struck, *lane, y=lanes_top + n * ROW) for n, lane in enumerate(LANES)),
        _after(scale, run.options.seconds, height),
        _axis(scale, height),
    ]
    title = "<title>What was done to the shop, and what it did meanwhile</title>"
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{title}{"".join(parts)}</svg>'


def _per_second(scale: Scale, times: Iterable[float]) -> list[float]:
    counts = [0] * scale.buckets()
    for at_s in times:
        counts[scale.bucket(at_s)] += 1
    return [count * scale.buckets() / scale.seconds for count in counts]


def _slowest(scale: Scale, placed: Iterable[tuple[float, float]]) -> list[float]:
    slowest = [0.0] * scale.buckets()
    for at_s, took_s in placed:
        slowest[scale.bucket(at_s)] = max(slowest[scale.bucket(at_s)], took_s)
    return slowest


def _chart(scale: Scale, values: Sequence[float], *, y: int, name: str, kind: str) -> str:
    most = max(*values, 0.001)
    wide = (WIDTH - LEFT) / scale.buckets()
    bars = "".join(
        f'<rect class="{kind}" x="{LEFT + n * wide:.1f}" y="{y + CHART * (1 - value / most):.1f}" '
        f'width="{wide * 0.85:.1f}" height="{CHART * value / most:.1f}"/>'
        for n, value in enumerate(values)
        if value
    )
    line = f'<line class="rule" x1="{LEFT}" x2="{WIDTH}" y1="{y + CHART}" y2="{y + CHART}"/>'
    most_words = f'<text class="faint" x="{LEFT - 8}" y="{y + 30}" text-anchor="end">most {most:.1f}</text>'
    return f'{bars}{line}<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>{most_words}'


def _lane(scale: Scale, struck: Iterable[Struck], name: str, kinds: set[Kind], look: str, *, y: int) -> str:
    marks = "".join(
        f'<rect class="{look}" x="{scale.x(each.at_s):.1f}" y="{y + 4}" '
        f'width="{max(scale.x(each.at_s + each.blow.for_s) - scale.x(each.at_s), 2.5):.1f}" height="{ROW - 8}">'
        f"<title>{each.at_s:.1f} s {escape(each.blow.words)}</title></rect>"
        for each in struck
        if each.landed and each.blow.kind in kinds
    )
    rule = f'<line class="rule" x1="{LEFT}" x2="{WIDTH}" y1="{y + ROW}" y2="{y + ROW}"/>'
    return f'{rule}<text x="{LEFT - 8}" y="{y + 16}" text-anchor="end">{escape(name)}</text>{marks}'


def _after(scale: Scale, healed_s: float, height: int) -> str:
    x = scale.x(healed_s)
    return f'<rect class="after" x="{x:.1f}" y="0" width="{WIDTH - x:.1f}" height="{height - 24}"/>'


def _axis(scale: Scale, height: int) -> str:
    step = scale.seconds / TICKS
    return "".join(
        f'<text class="faint" x="{scale.x(n * step):.0f}" y="{height - 6}" text-anchor="middle">{n * step:.0f} s</text>'
        for n in range(TICKS)
    )
