"""Figures for programs of staff: the budget and the ledger, one question, files for others (C6)."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.analytics import reads as releases
from kalecart.analytics.ask_share import CountedNoMore, CountedNotYet, TooFew, ask_share
from kalecart.analytics.budget import BudgetSpent
from kalecart.analytics.quarter import Quarter
from kalecart.clock import shop_date
from kalecart.errors import Invalid, NotFound
from kalecart.figures import store
from kalecart.figures.ask_export import OnlyReleases, ask_export
from kalecart.figures.export import RELEASES_MAX, Export, Format
from kalecart.figures.hand_over import NoSuchFile, hand_over_export
from kalecart.staff.member import RoleForbids
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import LINE_PATTERN, Body, View, answer
from web.download import file_response
from web.identity import require_staff
from web.keys import RUNTIME

EXPORT_ID: Final = PathPart(pattern=UUID_PATTERN, description="A file's id.", convert=UUID)
LINES_MAX: Final = 200
ReleaseKey = Annotated[str, Field(min_length=1, max_length=200, pattern=LINE_PATTERN)]


class EnvelopeView(View):
    """Millionths of rho."""

    id: str
    left_microrho: int
    cap_microrho: int
    renews_on: date


class ReleaseView(View):
    """A line of the ledger. What the calendar asks nobody asked."""

    key: str
    kind: str
    period: str
    microrho: int
    delta: float
    asked_by: UUID | None
    debited_at: datetime
    answered_at: datetime | None


class LedgerView(View):
    budget: list[EnvelopeView]
    releases: list[ReleaseView]


class QuestionBody(Body):
    quarter: Annotated[str, Field(pattern="^[0-9]{4}-Q[1-4]$")]
    sku: Annotated[str, Field(pattern="^[A-Za-z0-9._-]{1,64}$")]


class QuestionView(View):
    """`anew` is false where it was asked before: the same figure, and nothing to pay."""

    key: str
    anew: bool


class ExportBody(Body):
    releases: Annotated[list[ReleaseKey], Field(max_length=RELEASES_MAX)]
    format: Annotated[Format, Field(strict=False)]


class ExportView(View):
    id: UUID
    name: str
    state: str
    releases: list[str]
    asked_at: datetime
    expires_at: datetime
    lines: int | None
    sha256: str | None


class ExportsView(View):
    exports: list[ExportView]


@operation(
    Operation(
        summary="See the year's budget and what was paid for", who="staff", right="figures:read", ok=(200, LedgerView)
    )
)
async def get_ledger(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        budget = await releases.budget(tx, shop_date(runtime.clock.now()).year)
        ledger = await releases.ledger(tx, limit=LINES_MAX)
    return answer(
        LedgerView(
            budget=[EnvelopeView.model_validate(each) for each in budget],
            releases=[ReleaseView.model_validate(each) for each in ledger],
        )
    )


@operation(
    Operation(
        summary="Ask what share of customers bought one product; asked again it costs nothing",
        who="staff",
        right="figures:ask",
        body=QuestionBody,
        ok=(202, QuestionView),
        errors=(NotFound, TooFew, CountedNotYet, CountedNoMore, BudgetSpent),
    )
)
async def post_question(request: web.Request, *, body: QuestionBody) -> web.Response:
    member, runtime = await require_staff(request, "figures:ask"), request.app[RUNTIME]
    asked = await ask_share(Quarter.parse(body.quarter), body.sku, by=member, db=runtime.db, clock=runtime.clock)
    if asked.hint is not None:
        runtime.dispatcher.hint(asked.hint.id, asked.hint.job.topic)
    return answer(QuestionView.model_validate(asked), status=202)


@operation(Operation(summary="List files of figures", who="staff", right="figures:export", ok=(200, ExportsView)))
async def list_exports(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await store.latest(tx, most=LINES_MAX)
    return answer(ExportsView(exports=[_view(each, runtime.clock.now()) for each in found]))


@operation(
    Operation(
        summary="Have a file of released figures written for somebody outside",
        who="staff",
        right=None,  # the verb looks, and records who tried without
        body=ExportBody,
        ok=(202, ExportView),
        errors=(Invalid, OnlyReleases, RoleForbids),
    )
)
async def post_export(request: web.Request, *, body: ExportBody) -> web.Response:
    member, runtime = await require_staff(request, "figures:read"), request.app[RUNTIME]
    export = await ask_export(
        body.releases,
        body.format,
        by=member,
        db=runtime.db,
        clock=runtime.clock,
        dispatcher=runtime.dispatcher,
    )
    return answer(_view(export, runtime.clock.now()), status=202)


@operation(
    Operation(
        summary="Fetch a file of figures, on record",
        who="staff",
        right="figures:export",
        path={"export_id": EXPORT_ID},
        ok=(200, "application/octet-stream"),
        errors=(NoSuchFile,),
    )
)
async def get_export(request: web.Request, *, export_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "figures:export"), request.app[RUNTIME]
    file = await hand_over_export(export_id, by=member, db=runtime.db, clock=runtime.clock)
    return file_response(file.name, file.media, file.content)


def _view(export: Export, now: datetime) -> ExportView:
    return ExportView(
        id=export.id,
        name=export.name,
        state=export.progress(now).value,
        releases=list(export.releases),
        asked_at=export.asked_at,
        expires_at=export.expires_at,
        lines=export.lines,
        sha256=export.sha256.hex() if export.sha256 else None,
    )
