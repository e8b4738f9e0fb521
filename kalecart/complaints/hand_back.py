"""Give complaints to the manager whose handler no longer acts for him (C3, E85): nobody's departure leaves one alone.

Whoever left, or whose designation ended or was taken back, is refused by the database from that instant on. This writes
down who has the complaint since then, as soon as anybody looks.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.complaints import store
from kalecart.complaints.complaint import Complaint
from kalecart.database import Database, Tx
from kalecart.ids import StaffId
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.rights import Role

AT_ONCE: Final = 500


async def hand_back(*, db: Database, clock: Clock) -> int:
    """Every open complaint whose handler may not act now, and those about the manager that have nobody; returns how
    many were given to somebody."""
    given = 0
    while True:
        async with db.transaction() as tx:
            found, changed = await _some(tx, now=clock.now())
        given += changed
        if found < AT_ONCE or not changed:
            return given


async def _some(tx: Tx, *, now: datetime) -> tuple[int, int]:
    managers = await staff.of_role(tx, Role.MANAGER)
    delegates = await staff.delegates(tx, Scope.COMPLAINTS, now)
    lapsed = await store.handlers_but(tx, [*managers, *delegates])
    since = {each: await staff.lapsed_at(tx, each, Scope.COMPLAINTS, now) or now for each in lapsed}
    cases = await store.lock_of_handlers(tx, lapsed, most=AT_ONCE)
    cases += await store.lock_of_nobody(tx, most=AT_ONCE - len(cases)) if delegates else []
    changed = 0
    for case in cases:
        at = since[case.handler_id] if case.handler_id else now
        changed += await _give(tx, case, managers, delegates, at=max(at, case.received_at), now=now)
    return len(cases), changed


async def _give(
    tx: Tx, case: Complaint, managers: Sequence[StaffId], delegates: Sequence[StaffId], *, at: datetime, now: datetime
) -> bool:
    """To the manager; what is about him goes to somebody else who acts for him, and waits where there is none (E84)."""
    others = [each for each in (*managers, *delegates) if each != case.against]
    whom = others if case.against is None else [each for each in others if each in delegates] or others
    if not whom:
        await store.change(tx, case.id, handler_id=None)
        await tasks.raise_alert(tx, "complaint_unassigned", str(case.id), now=now)
        return case.handler_id is not None
    # Of the manager it is true since the other ceased to act; of a delegate since somebody looked.
    await store.assign(tx, case.id, whom[0], by=None, now=at if whom[0] in managers else now)
    detail = {"from": case.handler_id, "to": whom[0]}
    await audit.record(
        tx, "complaint_handed_back", by=audit.SHOP, subject=("complaint", case.id), now=now, detail=detail
    )
    return True
