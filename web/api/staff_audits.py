"""Audits, their plan and their findings, over the API (C8)."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.audits import reads
from kalecart.audits.change_plan import Asked, LastPlan, change_plan, plan_audit
from kalecart.audits.finding import WORDS_LENGTH_MAX, Finding, Severity, State
from kalecart.audits.follow_up import FindingMovedOn, FourEyes, close, mend, send_back
from kalecart.audits.hold import FINDINGS_MAX, Found, add_finding, hold_audit
from kalecart.audits.plan import MONTHS_MAX, TITLE_LENGTH_MAX, Plan, Standing
from kalecart.errors import Invalid, NotFound
from kalecart.ids import StaffId
from kalecart.runtime import Runtime
from kalecart.staff.member import StaffMember
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import LINE_PATTERN, Body, View, Whole, answer, nothing
from web.identity import require_staff
from web.keys import RUNTIME

PLAN_ID: Final = PathPart(pattern=UUID_PATTERN, description="A planned audit.", convert=UUID)
AUDIT_ID: Final = PathPart(pattern=UUID_PATTERN, description="An audit that was held.", convert=UUID)
FINDING_ID: Final = PathPart(pattern=UUID_PATTERN, description="What an audit found.", convert=UUID)

# PostgreSQL stores no NUL, whatever else a text may hold.
Words = Annotated[
    str,
    Field(max_length=2 * WORDS_LENGTH_MAX, pattern=r"^[^\u0000]*$", description="About the shop; name nobody."),
]
Clause = Annotated[str, Field(max_length=3, pattern=r"^C[0-9]{1,2}$", examples=["C8"])]
Day = Annotated[date, Field(strict=False, description="In the shop's time zone.")]


class PlanBody(Body):
    title: Annotated[str, Field(max_length=2 * TITLE_LENGTH_MAX, pattern=LINE_PATTERN)]
    clauses: Annotated[list[Clause], Field(max_length=15)]
    months: Annotated[Whole, Field(ge=1, le=MONTHS_MAX, description="How often.")]
    auditor_id: Annotated[UUID | None, Field(strict=False, description="The manager, where it is nobody.")] = None
    going_on: Annotated[bool, Field(description="False stops it.")] = True


class FindingBody(Body):
    clause: Clause
    severity: Annotated[Severity, Field(strict=False)]
    words: Words
    follow_up_by: Day


class HeldBody(Body):
    held_on: Day
    result: Words
    findings: Annotated[list[FindingBody], Field(default_factory=list, max_length=FINDINGS_MAX)]


class MendingBody(Body):
    how: Words


class PlanView(View):
    plan_id: UUID
    title: str
    clauses: list[str]
    months: int
    auditor_id: UUID | None
    stopped_at: datetime | None
    held_on: date | None
    due_on: date
    standing: Standing


class HeldView(View):
    audit_id: UUID
    plan_id: UUID
    held_on: date
    held_by: UUID
    result: str


class FindingView(View):
    finding_id: UUID
    audit_id: UUID
    clause: str
    severity: Severity
    words: str
    follow_up_by: date
    standing: Standing
    state: State
    found_by: UUID
    mended_by: UUID | None
    mended_how: str | None
    closed_by: UUID | None
    closed_at: datetime | None


class AuditsView(View):
    plans: list[PlanView]
    held: list[HeldView]
    findings: Annotated[list[FindingView], Field(description="Those that are not closed, then the last that are.")]


class MadeView(View):
    made_id: UUID


@operation(Operation(summary="List what is audited and found", who="staff", right="audits:hold", ok=(200, AuditsView)))
async def list_audits(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    now = runtime.clock.now()
    async with runtime.db.snapshot() as tx:
        plans, held = await reads.plans(tx), await reads.held(tx)
        findings = [*await reads.findings(tx, closed=False), *await reads.findings(tx, closed=True)]
    view = AuditsView(
        plans=[_plan(each, now) for each in plans],
        held=[HeldView(audit_id=each.id, **{name: getattr(each, name) for name in _HELD}) for each in held],
        findings=[_finding(each, now) for each in findings],
    )
    return answer(view)


@operation(
    Operation(
        summary="Plan an audit",
        who="staff",
        right="audits:plan",
        body=PlanBody,
        ok=(201, MadeView),
        errors=(Invalid,),
    )
)
async def post_plan(request: web.Request, *, body: PlanBody) -> web.Response:
    member, runtime = await require_staff(request, "audits:plan"), request.app[RUNTIME]
    made = await plan_audit(_asked(body), by=member, db=runtime.db, clock=runtime.clock)
    return answer(MadeView(made_id=made.id), status=201)


@operation(
    Operation(
        summary="Change how often, by whom and about what an audit is held, or stop it",
        who="staff",
        right="audits:plan",
        path={"plan_id": PLAN_ID},
        body=PlanBody,
        ok=(204, None),
        errors=(Invalid, NotFound, LastPlan),
    )
)
async def put_plan(request: web.Request, *, plan_id: UUID, body: PlanBody) -> web.Response:
    member, runtime = await require_staff(request, "audits:plan"), request.app[RUNTIME]
    await change_plan(plan_id, _asked(body), by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(
    Operation(
        summary="Write down an audit that was held, and what it found",
        who="staff",
        right="audits:hold",
        path={"plan_id": PLAN_ID},
        body=HeldBody,
        ok=(201, MadeView),
        errors=(Invalid, NotFound),
    )
)
async def post_held(request: web.Request, *, plan_id: UUID, body: HeldBody) -> web.Response:
    member, runtime = await require_staff(request, "audits:hold"), request.app[RUNTIME]
    found = [_found(each) for each in body.findings]
    made = await hold_audit(plan_id, body.held_on, body.result, found, by=member, db=runtime.db, clock=runtime.clock)
    return answer(MadeView(made_id=made), status=201)


@operation(
    Operation(
        summary="Add what an audit found",
        who="staff",
        right="audits:hold",
        path={"audit_id": AUDIT_ID},
        body=FindingBody,
        ok=(201, MadeView),
        errors=(Invalid, NotFound),
    )
)
async def post_finding(request: web.Request, *, audit_id: UUID, body: FindingBody) -> web.Response:
    member, runtime = await require_staff(request, "audits:hold"), request.app[RUNTIME]
    made = await add_finding(audit_id, _found(body), by=member, db=runtime.db, clock=runtime.clock)
    return answer(MadeView(made_id=made), status=201)


@operation(
    Operation(
        summary="Say how a finding was put right",
        who="staff",
        right="audits:hold",
        path={"finding_id": FINDING_ID},
        body=MendingBody,
        ok=(204, None),
        errors=(Invalid, NotFound, FindingMovedOn),
    )
)
async def post_finding_mending(request: web.Request, *, finding_id: UUID, body: MendingBody) -> web.Response:
    member, runtime = await _auditor(request)
    await mend(finding_id, body.how, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(
    Operation(
        summary="Close a finding that was put right: of a severe one somebody else says that it holds",
        who="staff",
        right="audits:hold",
        path={"finding_id": FINDING_ID},
        ok=(204, None),
        errors=(NotFound, FindingMovedOn, FourEyes),
    )
)
async def post_finding_closing(request: web.Request, *, finding_id: UUID) -> web.Response:
    member, runtime = await _auditor(request)
    await close(finding_id, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(
    Operation(
        summary="Open a finding again that was put right and did not hold",
        who="staff",
        right="audits:hold",
        path={"finding_id": FINDING_ID},
        ok=(204, None),
        errors=(NotFound, FindingMovedOn),
    )
)
async def post_finding_return(request: web.Request, *, finding_id: UUID) -> web.Response:
    member, runtime = await _auditor(request)
    await send_back(finding_id, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


async def _auditor(request: web.Request) -> tuple[StaffMember, Runtime]:
    return await require_staff(request, "audits:hold"), request.app[RUNTIME]


_HELD: Final = ("plan_id", "held_on", "held_by", "result")


def _asked(body: PlanBody) -> Asked:
    auditor_id = StaffId(body.auditor_id) if body.auditor_id else None
    given = {"title": body.title, "clauses": body.clauses, "months": body.months, "going_on": body.going_on}
    return Asked(**given, auditor_id=auditor_id)


def _found(body: FindingBody) -> Found:
    return Found(clause=body.clause, severity=body.severity, words=body.words, follow_up_by=body.follow_up_by)


def _plan(plan: Plan, now: datetime) -> PlanView:
    same = {name: getattr(plan, name) for name in ("title", "months", "auditor_id", "stopped_at", "held_on", "due_on")}
    return PlanView(plan_id=plan.id, clauses=list(plan.clauses), standing=plan.standing(now), **same)


def _finding(finding: Finding, now: datetime) -> FindingView:
    same = {name: getattr(finding, name) for name in FindingView.model_fields if name not in {"finding_id", "standing"}}
    return FindingView(finding_id=finding.id, standing=finding.standing(now), **same)
