"""Look at what the shop itself needs to know: what to restock, what sells when, what to pick.

For the shop's own work, to fulfil orders (C1): it counts products and not people, it is on record, and there is no way
from here to anything that leaves the shop (C6).
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from kalecart import audit
from kalecart.clock import Clock, shop_date
from kalecart.database import Database, Tx
from kalecart.errors import NotFound
from kalecart.ids import WindowId
from kalecart.staff.member import StaffMember
from kalecart.stockroom import reads
from kalecart.stockroom.picking import Busy, PickingList
from kalecart.stockroom.sales import Sales
from kalecart.stockroom.shelf import Shelf, soonest_empty

# A window that is long over and was not handed out is a matter for the list of orders.
PICKED_LATE: Final = timedelta(hours=24)


async def look_at_shelves(*, by: StaffMember, db: Database, clock: Clock) -> Sequence[Shelf]:
    """All shelves, those first that will be empty soonest. Raises RoleForbids."""
    async with _looking("shelves", by=by, db=db, clock=clock) as tx:
        return soonest_empty(await reads.shelves(tx, today=shop_date(clock.now())))


async def look_at_sales(*, by: StaffMember, db: Database, clock: Clock) -> Sales:
    """What sells for which windows. Raises RoleForbids."""
    async with _looking("sales", by=by, db=db, clock=clock) as tx:
        return await reads.sales(tx, today=shop_date(clock.now()))


async def look_at_windows(*, by: StaffMember, db: Database, clock: Clock) -> Sequence[Busy]:
    """The delivery windows with orders to pick. Raises RoleForbids."""
    async with _looking("windows", by=by, db=db, clock=clock) as tx:
        return await reads.busy(tx, since=clock.now() - PICKED_LATE)


async def look_at_picking(window_id: WindowId, *, by: StaffMember, db: Database, clock: Clock) -> PickingList:
    """What is to be picked for one window. Raises RoleForbids, and NotFound where nothing is."""
    async with _looking(f"picking:{window_id}", by=by, db=db, clock=clock) as tx:
        found = await reads.picking_list(tx, window_id)
    if found is None:
        raise NotFound("There is nothing to pick for this delivery window.")
    return found


@asynccontextmanager
async def _looking(what: str, *, by: StaffMember, db: Database, clock: Clock) -> AsyncGenerator[Tx]:
    """The look and its line in the audit trail, or neither; after the line, with no right but to look."""
    by.require("stock:plan")
    async with db.transaction() as tx:
        subject = ("stockroom", what)
        await audit.record(tx, "stockroom_viewed", by=audit.by_staff(by.id), subject=subject, now=clock.now())
        await reads.become_stockroom(tx)
        yield tx
