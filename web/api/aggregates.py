"""What was published about many customers, as programs read it: the same as the page, for anybody (C6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field

from kalecart.analytics.quarter import Quarter
from kalecart.errors import NotFound
from kalecart.figures.note import LICENSE, NOTE
from kalecart.figures.published import Published, months_of
from kalecart.figures.reads import QuarterFigures, of_quarter
from kalecart.figures.reads import quarters as published_quarters
from web.api.operation import Operation, operation
from web.api.shapes import Query, View, answer
from web.keys import RUNTIME


class NothingPublished(NotFound):
    """Nothing is published of that quarter."""


class AggregatesQuery(Query):
    quarter: Annotated[str | None, Field(pattern="^[0-9]{4}-Q[1-4]$", description="Left out, the latest.")] = None


class AggregateLineView(View):
    """Whole percents. What is held back has none, what is rare only `to_percent`: it is fewer than that."""

    of: str
    name: str
    percent: Annotated[int | None, Field(ge=0, le=100)]
    from_percent: Annotated[int | None, Field(ge=0, le=100)]
    to_percent: Annotated[int | None, Field(ge=0, le=100)]
    says: str


class AggregateView(View):
    """A release: drawn once, and never changed."""

    key: str
    kind: str
    period: str
    title: str
    among: str
    released_at: datetime
    rho: float
    figures: list[AggregateLineView]


class AggregatesView(View):
    """`epsilon` and `delta` are of all releases of a year together, for one customer."""

    quarters: list[str]
    quarter: str | None
    months: str | None
    epsilon: float | None
    delta: float | None
    releases: list[AggregateView]
    note: list[str]
    license: str


@operation(
    Operation(
        summary="Read what was published about what many customers buy",
        query=AggregatesQuery,
        ok=(200, AggregatesView),
        errors=(NothingPublished,),
    )
)
async def list_aggregates(request: web.Request, *, query: AggregatesQuery) -> web.Response:
    async with request.app[RUNTIME].db.snapshot() as tx:
        quarters = await published_quarters(tx)
        found = [each for each in quarters if query.quarter in (None, str(each))]
        if query.quarter and not found:
            raise NothingPublished("Choose one of those that `quarters` lists.")
        figures = await of_quarter(tx, found[0]) if found else None
    return answer(aggregates_view(quarters, figures))


def aggregates_view(quarters: Sequence[Quarter], figures: QuarterFigures | None) -> AggregatesView:
    year = figures.year if figures else None
    return AggregatesView(
        quarters=[str(each) for each in quarters],
        quarter=str(figures.quarter) if figures else None,
        months=months_of(figures.quarter) if figures else None,
        epsilon=year.epsilon if year else None,
        delta=year.delta if year else None,
        releases=[_view(each) for each in figures.releases] if figures else [],
        note=list(NOTE),
        license=LICENSE,
    )


def _view(release: Published) -> AggregateView:
    return AggregateView(
        key=release.key,
        kind=release.kind.value,
        period=release.period,
        title=release.title,
        among=release.among,
        released_at=release.released_at,
        rho=release.microrho / 1_000_000,
        figures=[
            AggregateLineView(
                of=line.of,
                name=line.name,
                percent=line.about,
                from_percent=line.low,
                to_percent=line.high,
                says=line.words,
            )
            for line in release.lines
        ],
    )
