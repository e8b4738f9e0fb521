"""The register of paper, for programs of staff (C8)."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.errors import Invalid, NotFound
from kalecart.paper import reads
from kalecart.paper.cabinet import Cabinet, Named
from kalecart.paper.category import Category
from kalecart.paper.file import Filed, file
from kalecart.paper.item import CabinetId, Early, Paper, PaperId, PaperMovedOn, Standing
from kalecart.paper.keep_cabinet import add_cabinet, hand_key
from kalecart.paper.move import move
from kalecart.paper.shred import PaperHeld, shred
from web.api.customers import Text
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import LINE_PATTERN, Body, Query, View, answer, nothing
from web.identity import require_staff
from web.keys import RUNTIME

PAPER_ID: Final = PathPart(pattern=UUID_PATTERN, description="A paper's id in the register.", convert=UUID)
CABINET_ID: Final = PathPart(pattern=UUID_PATTERN, description="A cabinet's id.", convert=UUID)


class PaperQuery(Query):
    state: Annotated[Standing | None, Field(description="What lies in a cabinet where nothing is said.")] = None
    what: Category | None = None
    cabinet_id: UUID | None = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


class PaperView(View):
    """Of whom it is about nothing is told."""

    id: UUID
    number: str
    what: Category
    state: Standing
    cabinet_id: UUID
    filed_at: datetime
    filed_by: UUID
    keep_until: Annotated[datetime, Field(description="From then on it is to be shredded.")]
    shredded_at: datetime | None
    shredded_by: UUID | None
    witness: UUID | None
    early: Annotated[Early | None, Field(description="Why it was shredded before its day.")]
    held: Annotated[bool, Field(description="Under a legal hold: not to be shredded, whatever its state.")]


class PapersView(View):
    papers: list[PaperView]
    more: bool


class KeyView(View):
    staff_id: UUID
    at: datetime


class CabinetView(View):
    id: UUID
    name: str
    place: str
    holder: Annotated[UUID | None, Field(description="Who has the key; nobody where who got it last left.")]
    keys: Annotated[list[KeyView], Field(description="Who got the key when, the latest first.")]
    papers: int


class CabinetsView(View):
    cabinets: list[CabinetView]


class FileBody(Body):
    what: Annotated[Category, Field(strict=False)]
    cabinet_id: Annotated[UUID, Field(strict=False)]
    keep_until: Annotated[
        date | None, Field(strict=False, description="The day on which it is to be shredded; else the rule says it.")
    ] = None
    about: Annotated[
        Text,
        Field(pattern=LINE_PATTERN, description="The number of a complaint or a request, or an e-mail address."),
    ] = ""


class MoveBody(Body):
    cabinet_id: Annotated[UUID, Field(strict=False)]


class ShredBody(Body):
    witness: Annotated[UUID, Field(strict=False, description="Who saw it: somebody else who works here.")]
    early: Annotated[Early | None, Field(strict=False, description="Why, where its day has not come.")] = None


class CabinetBody(Body):
    name: Text
    place: Text
    holder: Annotated[UUID, Field(strict=False, description="Who has its key.")]


class KeyBody(Body):
    staff_id: Annotated[UUID, Field(strict=False, description="Who has the key from now on.")]


class AddedView(View):
    id: UUID


@operation(
    Operation(
        summary="List paper, what is to be shredded first and then cabinet by cabinet",
        who="staff",
        right="paper:keep",
        query=PaperQuery,
        ok=(200, PapersView),
    )
)
async def list_paper(request: web.Request, *, query: PaperQuery) -> web.Response:
    runtime = request.app[RUNTIME]
    now = runtime.clock.now()
    where = CabinetId(query.cabinet_id) if query.cabinet_id else None
    wanted = reads.Wanted(standing=query.state, what=query.what, cabinet_id=where, page=query.page)
    async with runtime.db.snapshot() as tx:
        found = await reads.papers(tx, wanted, now=now)
        held = await reads.under_hold(tx, [each.id for each in found])
    shown = [_view(each, now, held=each.id in held) for each in found[: reads.PAGE_ROWS]]
    return answer(PapersView(papers=shown, more=len(found) > reads.PAGE_ROWS))


@operation(
    Operation(
        summary="Write down that a paper lies in a cabinet; write the number that is answered on it",
        who="staff",
        right="paper:keep",
        body=FileBody,
        ok=(201, PaperView),
        errors=(Invalid,),
    )
)
async def post_paper(request: web.Request, *, body: FileBody) -> web.Response:
    member, runtime = await require_staff(request, "paper:keep"), request.app[RUNTIME]
    asked = Filed(what=body.what, cabinet_id=body.cabinet_id, keep_until=body.keep_until, about=body.about)
    made = await file(asked, by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    return await _shown(request, made.id, status=201)


@operation(
    Operation(
        summary="See one paper of the register",
        who="staff",
        right="paper:keep",
        path={"paper_id": PAPER_ID},
        ok=(200, PaperView),
        errors=(NotFound,),
    )
)
async def get_paper(request: web.Request, *, paper_id: UUID) -> web.Response:
    return await _shown(request, PaperId(paper_id))


@operation(
    Operation(
        summary="Put a paper into another cabinet",
        who="staff",
        right="paper:keep",
        path={"paper_id": PAPER_ID},
        body=MoveBody,
        ok=(200, PaperView),
        errors=(NotFound, Invalid, PaperMovedOn),
    )
)
async def put_paper_cabinet(request: web.Request, *, paper_id: UUID, body: MoveBody) -> web.Response:
    member, runtime = await require_staff(request, "paper:keep"), request.app[RUNTIME]
    await move(PaperId(paper_id), body.cabinet_id, by=member, db=runtime.db, clock=runtime.clock)
    return await _shown(request, PaperId(paper_id))


@operation(
    Operation(
        summary="Write down that a paper was shredded before a witness; it cannot be taken back",
        who="staff",
        right="paper:shred",
        path={"paper_id": PAPER_ID},
        body=ShredBody,
        ok=(200, PaperView),
        errors=(NotFound, Invalid, PaperMovedOn, PaperHeld),
    )
)
async def post_shredding(request: web.Request, *, paper_id: UUID, body: ShredBody) -> web.Response:
    member, runtime = await require_staff(request, "paper:shred"), request.app[RUNTIME]
    early = body.early.value if body.early else ""
    await shred(PaperId(paper_id), witness=body.witness, early=early, by=member, db=runtime.db, clock=runtime.clock)
    return await _shown(request, PaperId(paper_id))


@operation(
    Operation(
        summary="List cabinets, and who has or had their keys", who="staff", right="paper:keep", ok=(200, CabinetsView)
    )
)
async def list_cabinets(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await reads.cabinets(tx)
    return answer(CabinetsView(cabinets=[_cabinet(each, runtime.clock.now()) for each in found]))


@operation(
    Operation(
        summary="Set up a locked cabinet and say who has its key",
        who="staff",
        right="paper:keep",
        body=CabinetBody,
        ok=(201, AddedView),
        errors=(Invalid,),
    )
)
async def post_cabinet(request: web.Request, *, body: CabinetBody) -> web.Response:
    member, runtime = await require_staff(request, "paper:keep"), request.app[RUNTIME]
    named = Named.parse(body.name, body.place)
    made = await add_cabinet(named, body.holder, by=member, db=runtime.db, clock=runtime.clock)
    return answer(AddedView(id=made), status=201)


@operation(
    Operation(
        summary="Hand a cabinet's key to somebody else",
        who="staff",
        right="paper:keep",
        path={"cabinet_id": CABINET_ID},
        body=KeyBody,
        ok=(204, None),
        errors=(NotFound, Invalid),
    )
)
async def put_cabinet_key(request: web.Request, *, cabinet_id: UUID, body: KeyBody) -> web.Response:
    member, runtime = await require_staff(request, "paper:keep"), request.app[RUNTIME]
    await hand_key(CabinetId(cabinet_id), body.staff_id, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


async def _shown(request: web.Request, paper_id: PaperId, *, status: int = 200) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await reads.find(tx, paper_id)
        held = await reads.under_hold(tx, [paper_id])
    return answer(_view(found, runtime.clock.now(), held=bool(held)), status=status)


def _view(paper: Paper, now: datetime, *, held: bool) -> PaperView:
    names = PaperView.model_fields.keys() - {"state", "held"}
    return PaperView(state=paper.standing(now), held=held, **{name: getattr(paper, name) for name in names})


def _cabinet(each: Cabinet, now: datetime) -> CabinetView:
    return CabinetView(
        id=each.id,
        name=each.name,
        place=each.place,
        holder=each.holder(now),
        keys=[KeyView(staff_id=key.staff_id, at=key.at) for key in each.keys],
        papers=each.papers,
    )
