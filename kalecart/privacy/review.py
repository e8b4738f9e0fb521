"""What staff decide about a request: release it, refuse it with the reason, or say what it costs (C11)."""

from datetime import datetime
from typing import Final

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import Invalid, NotFound
from kalecart.ids import RequestId
from kalecart.jobs import SendMail
from kalecart.mail_kinds import MailKind
from kalecart.privacy import reads, store, store_erasure
from kalecart.privacy.fulfil import PACKAGE_KEPT, tell_answered
from kalecart.privacy.reads_erasure import erasure_of
from kalecart.privacy.register.entry import Reason
from kalecart.privacy.request import Kind, Request, RequestMovedOn, State
from kalecart.privacy.restriction import ANSWER_WITHIN, GROUNDS, StillUndecided
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.rights import Role

COST_CENTS_MAX: Final = 100_000


async def release(request_id: RequestId, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Hand a reviewed package over, or call a correction done.

    Raises RoleForbids, NotFound, RequestMovedOn, and StillUndecided while something is proposed to be kept back for
    cost and not signed, or the package is made again after a decision.
    """
    by.require("requests:release")
    now = clock.now()
    async with db.transaction() as tx:
        request = await _locked(tx, request_id)
        if request.state is State.UNVERIFIED:
            raise RequestMovedOn(
                f"Request {request_id} waits for whoever asked to show who they are.", state="unverified"
            )
        if request.state is State.VERIFIED and request.kind.made_by_worker:
            raise RequestMovedOn(f"Request {request_id} is still being worked on.", state=str(request.state))
        await _require_decided(tx, request, now=now)
        # Whoever typed wrong codes before there was anything to open has used up nothing of the person's.
        await store.move(tx, request, State.ANSWERED, now=now, tries=0)
        await store.keep_until(tx, request.id, until=now + PACKAGE_KEPT)
        await tell_answered(tx, request, now=now)
        await _record(tx, "request_released", request, by, clock)


async def refuse(request_id: RequestId, *, reason: Reason, by: StaffMember, db: Database, clock: Clock) -> None:
    """Refuse with one of the five reasons. Cost is the manager's alone, a week after the estimate was told (E62).

    Raises RequestMovedOn where the work is done or, for an erasure, has begun.
    """
    by.require("requests:act")
    async with db.transaction() as tx:
        request = await _locked(tx, request_id)
        if reason is Reason.COST:
            _require_manager(by)
            if request.cost_told_at is None or clock.now() < request.cost_told_at + ANSWER_WITHIN:
                raise Invalid({"/reason": "Tell what it would cost first, and let them answer for a week."})
        if request.kind is Kind.ERASURE and await erasure_of(tx, request.person.id):
            raise RequestMovedOn(f"Request {request_id} is being carried out.", state=str(request.state))
        await store.move(tx, request, State.REFUSED, now=clock.now(), refusal=reason)
        await tell_answered(tx, request, now=clock.now())
        await _record(tx, "request_refused", request, by, clock, reason=str(reason))


async def tell_cost(request_id: RequestId, *, cents: int, by: StaffMember, db: Database, clock: Clock) -> None:
    """The manager's estimate, told to the person before anything is withheld for it (E62).

    What was told stands: raises RequestMovedOn for another one, of which they would not hear.
    """
    by.require("requests:act")
    _require_manager(by)
    if not 0 < cents <= COST_CENTS_MAX:
        raise Invalid({"/cost": "Give an amount between $0.01 and $1,000."})
    async with db.transaction() as tx:
        request = await _locked(tx, request_id)
        if not request.open:
            raise RequestMovedOn(f"Request {request_id} is {request.state}.", state=str(request.state))
        if request.cost_cents == cents:
            return
        if request.cost_told_at is not None:
            raise RequestMovedOn("They were told another estimate already.", state=str(request.state))
        now = clock.now()
        await store.change(tx, request_id, cost_cents=cents, cost_told_at=now)
        letter = SendMail(kind=MailKind.REQUEST_COST, subject=request.person.id, occasion=str(request_id))
        await tasks.promise(tx, letter, now=now, hinted=False)
        await _record(tx, "request_cost_told", request, by, clock, cents=cents)


async def _require_decided(tx: Tx, request: Request, *, now: datetime) -> None:
    shown = await reads.shown(tx, request.id)
    if any(each.undecided for each in shown.restrictions):
        raise StillUndecided("Something would cost too much: the manager signs that, or it is handed over.")
    open_cases = {each.kind for each in await store_erasure.holds(tx, request.person.id, now=now)}
    grounds = [GROUNDS[each.ground].while_ for each in shown.restrictions if each.in_force]
    if any(while_ is not None and while_ not in open_cases for while_ in grounds):
        raise StillUndecided("A case that something is kept back for is over: hand that over, or decide it anew.")
    if not shown.remade:
        raise StillUndecided("The package is being made again, as was decided. Try in a minute.")


def _require_manager(by: StaffMember) -> None:
    if by.role is not Role.MANAGER:
        raise RoleForbids("Only the manager can say that something costs too much.", right="requests:act")


async def _locked(tx: Tx, request_id: RequestId) -> Request:
    request = await store.find(tx, request_id, lock=True)
    if request is None:
        raise NotFound("There is no such request.")
    return request


async def _record(tx: Tx, act: str, request: Request, by: StaffMember, clock: Clock, **detail: str | int) -> None:
    subject = ("privacy_request", request.id)
    await audit.record(tx, act, by=audit.by_staff(by.id), subject=subject, now=clock.now(), detail=detail)
