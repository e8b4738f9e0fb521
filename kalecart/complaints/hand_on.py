"""Give a complaint to whoever shall investigate it, and open one for them (C3, C13)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

from kalecart import audit
from kalecart.clock import Clock
from kalecart.complaints import store
from kalecart.complaints.complaint import Complaint
from kalecart.database import ConstraintBroken, Database, Tx
from kalecart.errors import Forbidden, Invalid, NotFound, Refused
from kalecart.ids import ComplaintId, StaffId
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.member import StaffMember


class AboutYou(Forbidden):
    """This complaint is about you."""


async def hand_on(complaint_id: ComplaintId, to: StaffId, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Raises RoleForbids, NotDesignated, AboutYou, NotFound, and Invalid where that person may not act, or it is
    about them."""
    by.require("complaints:act")
    now = clock.now()
    refused = Invalid({"/to": "Choose somebody who handles complaints, and whom it is not about."})
    async with under_designation(db, refused) as tx:
        case = await case_for(tx, complaint_id, by, now=now)
        if to == case.against or to not in await staff.who_may(tx, "complaints:act", now):
            raise refused
        if case.handler_id == to:
            return
        await store.assign(tx, case.id, to, by=by.id, now=now)
        await on_record(tx, "complaint_assigned", case, by, now=now)


@asynccontextmanager
async def under_designation(db: Database, refused: Refused) -> AsyncGenerator[Tx]:
    """A transaction in which the database has the last word on who is designated: it raises `refused` where not."""
    try:
        async with db.transaction() as tx:
            yield tx
    except ConstraintBroken as error:
        if not error.constraint.endswith("_by_designated"):
            raise
        raise refused from None


async def case_for(tx: Tx, complaint_id: ComplaintId, by: StaffMember, *, now: datetime) -> Complaint:
    """The complaint, locked, for who is designated at this instant (C3). Whom it is about gets no more of it than its
    number and its dates (E84)."""
    await staff.require_designated(tx, by, Scope.COMPLAINTS, now=now)
    case = await store.lock(tx, complaint_id)
    if case is None:
        raise NotFound("There is no such complaint.")
    refuse_whom_it_is_about(case, by)
    return case


def refuse_whom_it_is_about(case: Complaint, by: StaffMember) -> None:
    if case.against == by.id:
        raise AboutYou("Somebody else answers it. You see its number and its dates.")


async def on_record(tx: Tx, act: str, case: Complaint, by: StaffMember, *, now: datetime) -> None:
    await audit.record(tx, act, by=audit.by_staff(by.id), subject=("complaint", case.id), now=now)
