"""What a person answers to an estimate: leave it out, or search less of it (C11, E62)."""

from dataclasses import replace

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, RequestId
from kalecart.privacy.request import Channel
from kalecart.privacy.restrict import last_about, open_request, take_step
from kalecart.privacy.restriction import ANSWERS, Restriction, RestrictionMovedOn, Step
from kalecart.staff.member import StaffMember


async def answer_estimate(
    request_id: RequestId, what: str, answer: Step, *, by: CustomerId | StaffMember, db: Database, clock: Clock
) -> Restriction:
    """The person's own answer, or the one that staff write down for whoever has no log-in.

    Raises RoleForbids, NotFound, RequestMovedOn, and RestrictionMovedOn where nothing waits for an answer, or the
    person asked in their account and answers there.
    """
    async with db.transaction() as tx:
        request, now = await open_request(tx, request_id), clock.now()
        if isinstance(by, StaffMember):
            by.require("requests:act")
            if request.customer_id is not None and request.channel is Channel.ACCOUNT:
                raise RestrictionMovedOn("They answer it themselves, in their account.")
        elif request.customer_id != by:
            raise NotFound("There is no such request.")
        last = await last_about(tx, request_id, what)
        if answer not in ANSWERS:
            raise RestrictionMovedOn("That is no answer to an estimate.", step=str(last.step))
        staff_id = by.id if isinstance(by, StaffMember) else None
        step = replace(last, step=answer, at=now, staff_id=staff_id, narrowed=answer is Step.NARROWED)
        who = audit.by_staff(by.id) if isinstance(by, StaffMember) else audit.by_customer(by)
        return await take_step(tx, request, step, by=who, now=now)
