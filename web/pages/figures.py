"""What was published about many customers, for anybody (C6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import Kind
from kalecart.clock import shop_date
from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.figures.note import NOTE
from kalecart.figures.published import Published, months_of
from kalecart.figures.reads import QuarterFigures, of_quarter
from kalecart.figures.reads import quarters as published_quarters
from web.keys import RUNTIME
from web.pages.charts import Chart, chart_of
from web.pages.forms import query_text
from web.pages.frame import frame_of
from web.pages.rendering import render

# What a list shows at once; the others are a press away.
LINES_MAX = 25


class NoSuchQuarter(NotFound):
    """Nothing is published of such a quarter."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A release with its chart."""

    release: Published
    chart: Chart


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Which quarters there are, the one that is looked at, and what was published of it."""

    quarters: Sequence[tuple[str, str]]
    quarter: Quarter | None
    figures: QuarterFigures | None

    @property
    def months(self) -> str:
        return months_of(self.quarter) if self.quarter else ""

    @property
    def people(self) -> Published | None:
        found = self.figures.of(Kind.COUNT) if self.figures else ()
        return found[0] if found else None

    @property
    def lists(self) -> Sequence[Shown]:
        kinds = (Kind.PRODUCTS, Kind.AISLES, Kind.BASKETS, Kind.BREADTH)
        found = [each for kind in kinds for each in self.figures.of(kind)] if self.figures else []
        return [Shown(release=each, chart=chart_of(each.lines)) for each in found]

    @property
    def surveyed(self) -> Sequence[Published]:
        return self.figures.of(Kind.SURVEY) if self.figures else ()

    @property
    def asked(self) -> Sequence[Published]:
        return self.figures.of(Kind.SHARE) if self.figures else ()


async def figures_page(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        shelf = await shelf_of(tx, query_text(request, "quarter", most=10))
    coming = Quarter.of(shop_date(runtime.clock.now()))
    return render(
        "figures.html",
        frame=await frame_of(request),
        shelf=shelf,
        note=NOTE,
        coming=months_of(coming),
        counted_from=coming.next.first_day,
        lines_max=LINES_MAX,
    )


async def shelf_of(tx: Tx, wanted: str) -> Shelf:
    """The quarter that is asked for, or the latest. Raises NoSuchQuarter."""
    quarters = await published_quarters(tx)
    chosen = next((each for each in quarters if str(each) == wanted), None) if wanted else next(iter(quarters), None)
    if wanted and chosen is None:
        raise NoSuchQuarter("Choose one from the list.")
    figures = await of_quarter(tx, chosen) if chosen else None
    return Shelf(quarters=[(str(each), months_of(each)) for each in quarters], quarter=chosen, figures=figures)
