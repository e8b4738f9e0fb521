"""What staff see of shelves, sales and bags: exact, about goods, and as the role that sees nothing else."""

from datetime import UTC, datetime

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.audit import audit_entry
from kalecart.database import Database, DatabaseFault
from kalecart.errors import NotFound
from kalecart.grants import WEB
from kalecart.ids import OrderId, StaffId, WindowId, new_id
from kalecart.orders.tables import customer_order
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.rights import Role
from kalecart.stockroom import reads
from kalecart.stockroom.look import look_at_picking, look_at_sales, look_at_shelves, look_at_windows
from kalecart.vault import Vault
from tests.builders import a_paid_order, a_product, a_refund, a_shopper, a_window
from tests.clock import FakeClock

PICKER = StaffMember(id=StaffId(new_id()), role=Role.ORDERS)


@pytest.fixture
def web(as_web: Database) -> Database:
    return as_web


class Till:
    """Sells: each sale is an order of its own, of its own customer, paid at once."""

    def __init__(self, db: Database, vault: Vault, clock: FakeClock) -> None:
        self.db, self.vault, self.clock = db, vault, clock

    async def sells(self, window: WindowId, **units: int) -> OrderId:
        shopper = await a_shopper(self.db, self.vault, now=self.clock.now(), window=window)
        for sku, many in units.items():
            await shopper.puts(sku, many, now=self.clock.now())
        return await a_paid_order(shopper, 500 * sum(units.values()) + 499, clock=self.clock)

    async def number_of(self, order: OrderId) -> str:
        async with self.db.snapshot() as tx:
            return str(await tx.scalar(sa.select(customer_order.c.number).where(customer_order.c.id == order)))

    async def moves(self, order: OrderId, status: str) -> None:
        async with self.db.transaction() as tx:
            values = {"status": status, "cancelled_at": self.clock.now() if status == "cancelled" else None}
            await tx.execute(sa.update(customer_order).where(customer_order.c.id == order).values(**values))


@pytest_asyncio.fixture
async def till(db: Database, vault: Vault, clock: FakeClock) -> Till:
    for sku in ("kale", "leek", "milk"):
        await a_product(db, sku, on_hand=10)
    return Till(db, vault, clock)


async def test_a_shelf_shows_what_is_left_what_was_sold_lately_and_what_to_order(
    till: Till, web: Database, clock: FakeClock
) -> None:
    await till.sells(await a_window(till.db, now=clock.now()), milk=5)
    clock.advance(days=28)
    window = await a_window(till.db, now=clock.now())
    await till.sells(window, kale=4)
    await till.moves(await till.sells(window, leek=3), "cancelled")

    shelves = {shelf.sku: shelf for shelf in await look_at_shelves(by=PICKER, db=web, clock=clock)}

    assert {sku: (shelf.on_hand, shelf.sold) for sku, shelf in shelves.items()} == {
        "kale": (6, 4),
        "leek": (7, 0),  # cancelled by hand here: giving goods back is `orders/cancel.py`
        "milk": (5, 0),  # sold 28 days ago
    }
    assert shelves["kale"].order == 0
    assert list(shelves) == ["kale", "milk", "leek"]


async def test_what_sells_is_told_by_weekday_and_hour_of_the_shop(till: Till, web: Database, clock: FakeClock) -> None:
    """The clock stands on a Monday at ten, in winter."""
    morning, evening = [await a_window(till.db, now=clock.now(), opens_in=hours) for hours in (24, 32)]
    await till.sells(morning, kale=3)
    await till.sells(morning, kale=2)
    await till.sells(evening, leek=4)

    sales = await look_at_sales(by=PICKER, db=web, clock=clock)

    assert [(hours.starts.hour, hours.ends.hour) for hours in sales.hours] == [(10, 12), (18, 20)]
    ten, six = sales.hours
    assert sales.by_window() == {(2, ten): 5, (2, six): 4}
    assert sales.by_window("leek") == {(2, six): 4}
    assert [(each.sku, each.units) for each in sales.by_product()] == [("kale", {ten: 5}), ("leek", {six: 4})]
    assert sales.by_product(weekday=3) == []


async def test_a_picking_list_has_exactly_what_was_ordered_and_what_is_missing_is_not_looked_for(
    till: Till, web: Database, clock: FakeClock
) -> None:
    """E38: what was refunded because it is not there has left the list; a refund for the trouble has not."""
    window, later = [await a_window(till.db, now=clock.now(), opens_in=hours) for hours in (24, 48)]
    first, second = await till.sells(window, kale=3, leek=1), await till.sells(window, kale=2)
    await till.sells(later, milk=4)
    await till.moves(await till.sells(window, milk=2), "cancelled")
    await till.moves(second, "picking")
    await a_refund(till.db, first, "missing", {"kale": 500, "leek": 500}, now=clock.now())
    await a_refund(till.db, second, "goodwill", {"kale": 500}, now=clock.now())
    await a_refund(till.db, second, "missing", {"kale": 500}, now=clock.now(), state="failed")

    windows = await look_at_windows(by=PICKER, db=web, clock=clock)
    found = await look_at_picking(window, by=PICKER, db=web, clock=clock)

    assert [(each.orders, each.begun, each.units) for each in windows] == [(2, 1, 4), (1, 0, 4)]
    assert [(goods.sku, goods.units) for goods in found.goods] == [("kale", 4)]
    assert {bag.order_number: [(line.sku, line.units) for line in bag.lines] for bag in found.bags} == {
        await till.number_of(first): [("kale", 2)],
        await till.number_of(second): [("kale", 2)],
    }


async def test_every_look_is_on_record_and_who_may_not_look_leaves_none(
    till: Till, web: Database, clock: FakeClock
) -> None:
    window = await a_window(till.db, now=clock.now())
    with pytest.raises(RoleForbids):
        administrator = StaffMember(id=StaffId(new_id()), role=Role.PRIVACY)
        await look_at_shelves(by=administrator, db=web, clock=clock)

    await look_at_shelves(by=PICKER, db=web, clock=clock)
    await look_at_sales(by=PICKER, db=web, clock=clock)
    await look_at_windows(by=PICKER, db=web, clock=clock)
    with pytest.raises(NotFound):
        await look_at_picking(window, by=PICKER, db=web, clock=clock)

    async with till.db.snapshot() as tx:
        asked = sa.select(audit_entry.c.actor_id, audit_entry.c.act, audit_entry.c.subject)
        lines = (await tx.execute(asked.order_by(audit_entry.c.id))).all()
    subjects = ["shelves", "sales", "windows", f"picking:{window}"]
    assert [tuple(line) for line in lines] == [(PICKER.id, "stockroom_viewed", subject) for subject in subjects]


async def test_while_it_looks_web_has_no_other_right_and_has_them_again_afterwards(
    till: Till, web: Database, clock: FakeClock
) -> None:
    with pytest.raises(DatabaseFault, match="42501"):
        async with web.transaction() as tx:
            await reads.become_stockroom(tx)
            await tx.execute(sa.text("SELECT id FROM customer"))
    async with web.transaction() as tx:
        await reads.become_stockroom(tx)

    async with web.transaction() as tx:
        assert await tx.scalar(sa.text("SELECT current_user")) == WEB
        assert await tx.scalar(sa.text("SELECT count(*) FROM product")) == 3


async def test_a_day_ends_at_midnight_in_the_shop(till: Till, web: Database, clock: FakeClock) -> None:
    """Ten to midnight on the eve of the change of the clocks is still that day."""
    before = FakeClock(datetime(2026, 11, 1, 6, 50, tzinfo=UTC))
    window = await a_window(till.db, now=before.now())
    await Till(till.db, till.vault, before).sells(window, kale=3)

    async with web.transaction() as tx:
        await reads.become_stockroom(tx)
        assert str(await tx.scalar(sa.text("SELECT day FROM sold_seen"))) == "2026-10-31"
