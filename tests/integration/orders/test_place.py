import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kalecart.carts.cart import StaleCart
from kalecart.carts.quote import quote
from kalecart.carts.reads import cart_of
from kalecart.catalogue.tables import product, stock
from kalecart.database import Database
from kalecart.orders import reads, refusals
from kalecart.orders.order import Order, PlaceOrder
from kalecart.orders.place import place_order
from kalecart.orders.tables import customer_order, order_event, order_line
from kalecart.tasks import task
from kalecart.vault import Vault
from kalecart.windows.tables import delivery_window
from tests.builders import TERMS, Shopper, a_card, a_product, a_shopper, a_window
from tests.clock import FakeClock
from tests.hints import RecordedHints

Place = Callable[[PlaceOrder], Awaitable[Order]]


@pytest.fixture
def hints() -> RecordedHints:
    return RecordedHints()


@pytest.fixture
def place(db: Database, clock: FakeClock, hints: RecordedHints) -> Place:
    async def place(asked: PlaceOrder) -> Order:
        return await place_order(asked, db=db, clock=clock, dispatcher=hints, terms=TERMS)  # ty: ignore[invalid-argument-type]

    return place


@pytest.fixture
async def shopper(db: Database, vault: Vault, clock: FakeClock) -> Shopper:
    await a_product(db, "kale", price_cents=349, on_hand=10)
    await a_product(db, "soap", price_cents=799, on_hand=10, tax_category="taxable")
    shopper = await a_shopper(db, vault, now=clock.now())
    await shopper.puts("kale", 3, now=clock.now())
    await shopper.puts("soap", 1, now=clock.now())
    return shopper


TOTAL = 3 * 349 + 799 + 499 + 78  # goods, delivery, and 9.75 % of the soap


async def left(db: Database, sku: str) -> int:
    async with db.transaction() as tx:
        return int(await tx.scalar(sa.select(stock.c.on_hand).where(stock.c.sku == sku)) or 0)


async def count(db: Database, table: sa.Table) -> int:
    async with db.transaction() as tx:
        return int(await tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def nothing_happened(db: Database) -> bool:
    counts = [await count(db, table) for table in (customer_order, order_line, order_event, task)]
    async with db.transaction() as tx:
        taken = await tx.scalar(sa.select(sa.func.sum(delivery_window.c.taken)))
    return not any(counts) and not taken and await left(db, "kale") == 10


async def test_an_order_is_written_whole_and_its_charge_promised(
    db: Database, shopper: Shopper, place: Place, hints: RecordedHints
) -> None:
    order = await place(shopper.asks(TOTAL))

    assert order.total_cents == TOTAL
    assert await left(db, "kale") == 7
    assert await left(db, "soap") == 9
    assert await count(db, order_line) == 2
    async with db.transaction() as tx:
        promised = (await tx.execute(sa.select(task.c.id, task.c.topic, task.c.arguments))).all()
        assert await tx.scalar(sa.select(delivery_window.c.taken)) == 1
    assert [(row.topic, row.arguments) for row in promised] == [
        ("charge_order", {"order_id": str(order.id), "attempt": 1})
    ]
    assert hints.sent == [(promised[0].id, "charge_order")]


async def test_the_statement_and_the_quote_agree_on_the_total(
    db: Database, shopper: Shopper, place: Place, clock: FakeClock
) -> None:
    async with db.direct() as pg:
        cart = await cart_of(pg, shopper.token, now=clock.now())
    assert cart is not None

    order = await place(shopper.asks(quote(cart.lines, TERMS).total_cents))

    assert order.total_cents == TOTAL


async def test_the_same_key_with_the_same_content_gives_the_same_order(shopper: Shopper, place: Place) -> None:
    first = await place(shopper.asks(TOTAL))

    assert await place(shopper.asks(TOTAL)) == first


async def test_a_lost_response_repeated_an_hour_later_gives_the_original_order(
    db: Database, shopper: Shopper, place: Place, clock: FakeClock
) -> None:
    first = await place(shopper.asks(TOTAL))
    clock.advance(hours=1)

    assert (await place(shopper.asks(TOTAL))).id == first.id
    assert await count(db, task) == 1


async def test_the_same_key_with_other_content_is_refused(shopper: Shopper, place: Place) -> None:
    await place(shopper.asks(TOTAL))

    with pytest.raises(refusals.KeyReused):
        await place(shopper.asks(TOTAL + 1))


async def test_two_tabs_that_submit_one_cart_at_once_see_one_order(
    db: Database, shopper: Shopper, place: Place
) -> None:
    asked = [shopper.asks(TOTAL, key=f"tab-{tab}") for tab in range(8)]

    orders = await asyncio.gather(*(place(each) for each in asked))

    assert len({order.id for order in orders}) == 1
    assert await count(db, customer_order) == 1
    assert await count(db, task) == 1
    assert await left(db, "kale") == 7


async def test_a_stale_version_is_refused_together_with_the_current_cart(
    shopper: Shopper, place: Place, clock: FakeClock
) -> None:
    stale = shopper.asks(TOTAL)
    await shopper.puts("kale", 5, now=clock.now())

    with pytest.raises(StaleCart) as refused:
        await place(stale)

    assert refused.value.cart is not None
    assert refused.value.cart.version == shopper.version


@pytest.mark.parametrize("price", [399, 299])
async def test_a_price_that_moved_is_refused_with_the_itemised_difference(
    db: Database, shopper: Shopper, place: Place, price: int
) -> None:
    async with db.transaction() as tx:
        await tx.execute(sa.update(product).where(product.c.sku == "kale").values(price_cents=price))

    with pytest.raises(refusals.PriceChanged) as refused:
        await place(shopper.asks(TOTAL))

    assert refused.value.members["changes"] == [{"sku": "kale", "name": "Kale", "shown_cents": 349, "now_cents": price}]
    assert refused.value.members["total_cents"] == TOTAL + 3 * (price - 349)
    assert await nothing_happened(db)


async def test_below_the_minimum_is_refused_before_payment(
    db: Database, shopper: Shopper, place: Place, clock: FakeClock
) -> None:
    await shopper.puts("soap", 0, now=clock.now())
    await shopper.puts("kale", 2, now=clock.now())

    with pytest.raises(refusals.BelowMinimum) as refused:
        await place(shopper.asks(2 * 349 + 499))

    assert refused.value.members["short_cents"] == 1_000 - 2 * 349
    assert await nothing_happened(db)


async def test_an_empty_cart_is_refused(db: Database, vault: Vault, place: Place, clock: FakeClock) -> None:
    shopper = await a_shopper(db, vault, now=clock.now())

    with pytest.raises(refusals.EmptyCart):
        await place(shopper.asks(499))


async def test_more_than_is_left_is_refused_and_says_what_is_left(
    db: Database, shopper: Shopper, place: Place, clock: FakeClock
) -> None:
    await shopper.puts("kale", 11, now=clock.now())

    with pytest.raises(refusals.OutOfStock) as refused:
        await place(shopper.asks(11 * 349 + 799 + 499 + 78))

    assert refused.value.members["lines"] == [{"sku": "kale", "name": "Kale", "asked": 11, "left": 10}]
    assert await nothing_happened(db)


async def test_the_last_unit_goes_to_exactly_one_of_many(
    db: Database, vault: Vault, place: Place, clock: FakeClock
) -> None:
    await a_product(db, "last", price_cents=2_000, on_hand=1)
    window = await a_window(db, now=clock.now(), capacity=100)
    shoppers = [await a_shopper(db, vault, now=clock.now(), window=window) for _ in range(6)]
    for shopper in shoppers:
        await shopper.puts("last", 1, now=clock.now())

    outcomes = await asyncio.gather(*(place(each.asks(2_499)) for each in shoppers), return_exceptions=True)

    assert sum(isinstance(each, Order) for each in outcomes) == 1
    assert sum(isinstance(each, refusals.OutOfStock) for each in outcomes) == 5
    assert await left(db, "last") == 0


async def test_the_last_place_in_a_window_goes_to_exactly_one(
    db: Database, vault: Vault, place: Place, clock: FakeClock
) -> None:
    await a_product(db, "plenty", price_cents=2_000)
    window = await a_window(db, now=clock.now(), capacity=1)
    shoppers = [await a_shopper(db, vault, now=clock.now(), window=window) for _ in range(6)]
    for shopper in shoppers:
        await shopper.puts("plenty", 1, now=clock.now())

    outcomes = await asyncio.gather(*(place(each.asks(2_499)) for each in shoppers), return_exceptions=True)

    assert sum(isinstance(each, Order) for each in outcomes) == 1
    assert sum(isinstance(each, refusals.WindowFull) for each in outcomes) == 5
    assert await left(db, "plenty") == 99


async def test_orders_that_want_the_same_products_in_opposite_order_do_not_deadlock(
    db: Database, vault: Vault, place: Place, clock: FakeClock
) -> None:
    skus = [await a_product(db, f"p{number:02}", price_cents=1_000) for number in range(6)]
    window = await a_window(db, now=clock.now(), capacity=100)
    shoppers = [await a_shopper(db, vault, now=clock.now(), window=window) for _ in range(12)]
    for number, shopper in enumerate(shoppers):
        for sku in skus if number % 2 else reversed(skus):
            await shopper.puts(sku, 1, now=clock.now())

    orders = await asyncio.gather(*(place(each.asks(6_000)) for each in shoppers))

    assert len({order.id for order in orders}) == 12
    assert [await left(db, sku) for sku in skus] == [88] * 6


async def test_a_cutoff_that_passes_during_checkout_is_refused_and_the_cart_kept(
    db: Database, shopper: Shopper, place: Place, clock: FakeClock
) -> None:
    clock.advance(hours=25)

    with pytest.raises(refusals.WindowClosed):
        await place(shopper.asks(TOTAL))

    async with db.direct() as pg:
        assert await cart_of(pg, shopper.token, now=clock.now()) is not None


async def test_a_window_that_never_was_is_refused(shopper: Shopper, place: Place) -> None:
    with pytest.raises(refusals.UnknownWindow):
        await place(shopper.asks(TOTAL, window_id=shopper.card))


async def test_another_customers_card_is_refused(
    db: Database, vault: Vault, shopper: Shopper, place: Place, clock: FakeClock
) -> None:
    other = await a_shopper(db, vault, now=clock.now(), window=shopper.window)
    card = await a_card(db, vault, other.customer_id, now=clock.now())

    with pytest.raises(refusals.UnknownCard):
        await place(shopper.asks(TOTAL, payment_method_id=card))

    assert await nothing_happened(db)


async def test_another_customers_cart_is_refused(
    db: Database, vault: Vault, shopper: Shopper, place: Place, clock: FakeClock
) -> None:
    await place(shopper.asks(TOTAL))
    other = await a_shopper(db, vault, now=clock.now(), window=shopper.window)

    with pytest.raises(refusals.EmptyCart):
        await place(other.asks(TOTAL, cart_token=shopper.token, cart_version=shopper.version))


async def test_an_expired_cart_is_no_cart(shopper: Shopper, place: Place, clock: FakeClock) -> None:
    clock.advance(days=31)

    with pytest.raises(refusals.EmptyCart):
        await place(shopper.asks(TOTAL))


async def test_a_product_withdrawn_meanwhile_is_refused_as_sold_out(
    db: Database, shopper: Shopper, place: Place
) -> None:
    async with db.transaction() as tx:
        await tx.execute(sa.update(product).where(product.c.sku == "kale").values(active=False))

    with pytest.raises(refusals.OutOfStock) as refused:
        await place(shopper.asks(TOTAL))

    assert refused.value.members["lines"][0]["left"] == 0
    assert await nothing_happened(db)


async def test_the_web_role_may_place_an_order(shopper: Shopper, clone, clock: FakeClock, hints: RecordedHints) -> None:
    database = Database(clone.url("kale_web"), pool_size_max=1, application="test")

    order = await place_order(
        shopper.asks(TOTAL),
        db=database,
        clock=clock,
        dispatcher=hints,  # ty: ignore[invalid-argument-type]
        terms=TERMS,
    )
    await database.close()

    assert order.placed_at == clock.now() - timedelta(0)


async def test_an_order_of_the_last_moment_says_that_people_are_shopping(
    db: Database, clock: FakeClock, shopper: Shopper, place: Place
) -> None:
    """C10: packages wait for them."""
    before = clock.now()
    async with db.snapshot() as tx:
        assert not await reads.placed_since(tx, before - timedelta(days=1))
    clock.advance(seconds=1)
    await place(shopper.asks(TOTAL))

    async with db.snapshot() as tx:
        assert await reads.placed_since(tx, before)
        assert not await reads.placed_since(tx, clock.now())
