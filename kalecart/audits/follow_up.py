"""Put right what an audit found: mended, then closed by who has seen that it holds, or sent back (C8)."""

from typing import Any
from uuid import UUID

from kalecart import audit
from kalecart.audits import store
from kalecart.audits.finding import WORDS_LENGTH_MAX, Finding, State, may_become
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Conflict, Forbidden, Invalid, NotFound
from kalecart.staff import reads as staff
from kalecart.staff.member import StaffMember


class FindingMovedOn(Conflict):
    """It is somewhere else by now."""


class FourEyes(Forbidden):
    """Somebody else closes what is severe and you mended."""


async def mend(finding_id: UUID, how: str, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Raises Invalid, and what `_move` does."""
    words = how.strip()
    if not 0 < len(words) <= WORDS_LENGTH_MAX:
        raise Invalid({"/how": f"Say how it was put right, in up to {WORDS_LENGTH_MAX:,} characters. Name nobody."})
    values = {"mended_by": by.id, "mended_at": clock.now(), "mended_how": words}
    await _move(finding_id, State.MENDED, values, by=by, db=db, clock=clock)


async def close(finding_id: UUID, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Raises FourEyes where it is severe and the same person mended it, and what `_move` does."""
    values = {"closed_by": by.id, "closed_at": clock.now()}
    await _move(finding_id, State.CLOSED, values, by=by, db=db, clock=clock)


async def send_back(finding_id: UUID, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """It did not hold, and is open again. Raises what `_move` does."""
    values = {"mended_by": None, "mended_at": None, "mended_how": None}
    await _move(finding_id, State.OPEN, values, by=by, db=db, clock=clock)


async def _move(
    finding_id: UUID, after: State, values: dict[str, Any], *, by: StaffMember, db: Database, clock: Clock
) -> None:
    """Raises RoleForbids, NotDesignated, NotFound and FindingMovedOn."""
    by.require("audits:hold")
    async with db.transaction() as tx:
        now = clock.now()
        await staff.require_acting(tx, by, now=now)
        finding = await store.lock_finding(tx, finding_id)
        _require(finding, after, by)
        await store.move_finding(tx, finding_id, after, **values)
        who, subject = audit.by_staff(by.id), ("audit_finding", finding_id)
        await audit.record(tx, "finding_moved", by=who, subject=subject, now=now, detail={"to": str(after)})


def _require(finding: Finding | None, after: State, by: StaffMember) -> None:
    if finding is None:
        raise NotFound("There is no such finding.")
    if not may_become(finding.state, after):
        raise FindingMovedOn(f"It is {finding.state}.")
    if after is State.CLOSED and not finding.closed_by_another(by.id):
        raise FourEyes("Whoever mends it does not say that it holds.")
