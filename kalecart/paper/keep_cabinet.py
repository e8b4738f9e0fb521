"""Set up a locked cabinet, and hand its key on (C8)."""

from uuid import UUID

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Invalid
from kalecart.ids import StaffId, new_id
from kalecart.jobs import WatchPaper
from kalecart.paper import reads, store
from kalecart.paper.cabinet import Named
from kalecart.paper.item import CabinetId
from kalecart.staff.member import StaffMember

NOBODY = "Choose who has the key: somebody who works here."


async def add_cabinet(named: Named, holder: UUID | None, *, by: StaffMember, db: Database, clock: Clock) -> CabinetId:
    """`holder` has its key from now on. Raises RoleForbids, and Invalid."""
    by.require("paper:keep")
    now, cabinet_id = clock.now(), CabinetId(new_id())
    if holder is None:
        raise Invalid({"/holder": NOBODY})
    try:
        async with db.transaction() as tx:
            await store.add_cabinet(tx, cabinet_id, name=named.name, place=named.place, by=by.id, now=now)
            await store.give_key(tx, cabinet_id, StaffId(holder), by=by.id, now=now)
            who, subject = audit.by_staff(by.id), ("cabinet", cabinet_id)
            await audit.record(tx, "cabinet_added", by=who, subject=subject, now=now, detail={"holder": holder})
    except ConstraintBroken as error:
        if error.constraint == "cabinet_name_once":
            raise Invalid({"/name": "There is a cabinet of this name already."}) from None
        if error.constraint == "cabinet_key_holder_here":
            raise Invalid({"/holder": NOBODY}) from None
        raise
    return cabinet_id


async def hand_key(cabinet_id: CabinetId, holder: UUID | None, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Somebody else has the key from now on; who has it already keeps it. Raises RoleForbids, NotFound and Invalid."""
    by.require("paper:keep")
    now = clock.now()
    if holder is None:
        raise Invalid({"/holder": NOBODY})
    try:
        async with db.transaction() as tx:
            await store.hold_cabinet(tx, cabinet_id)
            if (await reads.cabinet(tx, cabinet_id)).holder(now) == holder:
                return
            await store.give_key(tx, cabinet_id, StaffId(holder), by=by.id, now=now)
            who, subject = audit.by_staff(by.id), ("cabinet", cabinet_id)
            await audit.record(tx, "cabinet_key_given", by=who, subject=subject, now=now, detail={"holder": holder})
            await tasks.promise(tx, WatchPaper(slot=f"key:{new_id()}"), now=now, hinted=False)
    except ConstraintBroken as error:
        if error.constraint == "cabinet_key_holder_here":
            raise Invalid({"/holder": NOBODY}) from None
        raise
