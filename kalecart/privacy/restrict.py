"""Keep something back from a package: the administrator decides, for cost proposes and the manager signs (C11, E62)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import Invalid, NotFound
from kalecart.ids import RequestId
from kalecart.jobs import MailKind, SendMail
from kalecart.privacy import store, store_erasure, store_restriction
from kalecart.privacy.fulfil import remake_later
from kalecart.privacy.request import Kind, Request, RequestMovedOn, State
from kalecart.privacy.restriction import (
    ANSWER_WITHIN,
    GROUNDS,
    SEARCHES,
    Ground,
    Restriction,
    RestrictionMovedOn,
    Step,
    require_arrow,
    restrictable,
)
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.rights import Role

ESTIMATE_CENTS_MAX: Final = 100_000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be kept back, and why. The estimate, in cents, goes with cost and with nothing else."""

    what: str
    ground: Ground
    estimate_cents: int | None = None


async def restrict(request_id: RequestId, asked: Asked, *, by: StaffMember, db: Database, clock: Clock) -> Restriction:
    """Decide it, or for cost propose it: the person is told the estimate, and answers or lets a week pass.

    Raises RoleForbids, NotFound, Invalid with every field's problem, RequestMovedOn once the answer is out, and
    RestrictionMovedOn where it was decided already.
    """
    by.require("requests:act")
    async with db.transaction() as tx:
        request, now = await open_request(tx, request_id), clock.now()
        await _check(tx, request, asked, now=now)
        cost = asked.ground is Ground.COST
        step = Restriction(
            request_id=request_id,
            number=0,
            what=asked.what,
            ground=asked.ground,
            step=Step.PROPOSED if cost else Step.DECIDED,
            at=now,
            staff_id=by.id,
            estimate_cents=asked.estimate_cents,
            told_at=now if cost else None,
        )
        taken = await take_step(tx, request, step, by=audit.by_staff(by.id), now=now)
        if cost:
            occasion = f"{request_id}:{taken.number}"
            letter = SendMail(kind=MailKind.REQUEST_COST, subject=request.person.id, occasion=occasion)
            await tasks.promise(tx, letter, now=now, hinted=False)
    return taken


async def lift(request_id: RequestId, what: str, *, by: StaffMember, db: Database, clock: Clock) -> Restriction:
    """Hand it over after all. Raises as `restrict` does."""
    by.require("requests:act")
    return await _step(request_id, what, Step.LIFTED, by=by, db=db, clock=clock)


async def sign(request_id: RequestId, what: str, *, by: StaffMember, db: Database, clock: Clock) -> Restriction:
    """The accountable manager's signature, without which nothing is kept back for cost (E62).

    Raises RestrictionMovedOn too while the person has not answered and the week is not over.
    """
    by.require("requests:act")
    if by.role is not Role.MANAGER:
        raise RoleForbids("Only the manager can say that something costs too much.", right="requests:act")
    return await _step(request_id, what, Step.SIGNED, by=by, db=db, clock=clock)


async def _step(
    request_id: RequestId, what: str, to: Step, *, by: StaffMember, db: Database, clock: Clock
) -> Restriction:
    async with db.transaction() as tx:
        request, now = await open_request(tx, request_id), clock.now()
        last = await last_about(tx, request_id, what)
        if to is Step.SIGNED and last.undecided and not last.may_be_signed(now):
            raise RestrictionMovedOn(
                f"They have {ANSWER_WITHIN.days} days to answer the estimate. Sign once they have, or it is over."
            )
        step = replace(last, step=to, at=now, staff_id=by.id)
        return await take_step(tx, request, step, by=audit.by_staff(by.id), now=now)


async def last_about(tx: Tx, request_id: RequestId, what: str) -> Restriction:
    """Raise NotFound where nothing was ever decided about it."""
    found = await store_restriction.restrictions_of(tx, request_id)
    last = next((each for each in found if each.what == what), None)
    if last is None:
        raise NotFound("Nothing was decided about that.")
    return last


async def take_step(tx: Tx, request: Request, step: Restriction, *, by: audit.Actor, now: datetime) -> Restriction:
    """Add the step, on record; a package that is there is made again."""
    found = await store_restriction.restrictions_of(tx, request.id)
    require_arrow(next((each for each in found if each.what == step.what), None), step.step)
    step = replace(step, number=await store_restriction.last_number(tx, request.id) + 1)
    await store_restriction.add(tx, step)
    detail = {"what": step.what, "reason": str(step.reason), "ground": str(step.ground), "number": step.number}
    subject = ("privacy_request", request.id)
    await audit.record(tx, f"restriction_{step.step}", by=by, subject=subject, now=now, detail=detail)
    if request.state is State.REVIEW:
        await remake_later(tx, request.id, now=now)
    return step


async def open_request(tx: Tx, request_id: RequestId) -> Request:
    request = await store.find(tx, request_id, lock=True)
    if request is None:
        raise NotFound("There is no such request.")
    if not request.open or request.kind is not Kind.ACCESS:
        raise RequestMovedOn(f"Request {request_id} is {request.state}.", state=str(request.state))
    if request.customer_id is None and request.state is State.UNVERIFIED:
        raise Invalid({"/what": "Whoever asked has not shown yet who they are, so there is nothing to keep back."})
    return request


async def _check(tx: Tx, request: Request, asked: Asked, *, now: datetime) -> None:
    problems, because, cost = {}, GROUNDS[asked.ground], asked.ground is Ground.COST
    if asked.what not in (SEARCHES if cost else {**SEARCHES, **restrictable()}):
        only = "Only what has to be searched by hand can cost too much."
        problems["/what"] = only if cost else "Choose what is to be kept back."
    if cost and not 0 < (asked.estimate_cents or 0) <= ESTIMATE_CENTS_MAX:
        problems["/estimate"] = "Give an amount between $0.01 and $1,000."
    if cost and now + ANSWER_WITHIN > request.due_at:
        problems["/ground"] = "Too late: they have a week to answer an estimate, and are to be answered before."
    if not cost and asked.estimate_cents is not None:
        problems["/estimate"] = "An estimate goes with cost only."
    held = {each.kind for each in await store_erasure.holds(tx, request.person.id, now=now)}
    if because.while_ not in {None, *held}:
        problems["/ground"] = "There is no such case open. Choose what is true."
    if problems:
        raise Invalid(problems)
