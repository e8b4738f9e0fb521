"""A cart changes in one atomic update of one row: nothing is lost and no rule is slipped past."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.carts.cart import CART_TTL, LINES_MAX, QUANTITY_MAX, Cart, StaleCart
from kalecart.carts.expire import expire_carts
from kalecart.carts.fill import Filled, set_line
from kalecart.carts.merge import adopt_cart
from kalecart.carts.reads import cart_of
from kalecart.carts.tables import cart
from kalecart.catalogue.tables import product
from kalecart.chance import new_token
from kalecart.database import Database
from kalecart.errors import Invalid
from kalecart.ids import CustomerId
from kalecart.vault import Vault
from tests.builders import a_customer, a_product
from tests.clock import FakeClock


@pytest.fixture
async def shelf(db: Database) -> None:
    for sku in ("kale", "leek", "soap"):
        await a_product(db, sku, price_cents=500)


@pytest.fixture
def fill(db: Database, clock: FakeClock, shelf: None) -> Any:
    async def fill(sku: str, quantity: int, token: str | None = None, version: int | None = None) -> Filled:
        return await set_line(sku, quantity, token=token, expected_version=version, db=db, now=clock.now())

    return fill


async def shown(db: Database, clock: FakeClock, token: str | None) -> Cart | None:
    async with db.direct() as pg:
        return await cart_of(pg, token, now=clock.now())


def content(found: Cart | None) -> dict[str, int]:
    assert found is not None
    return {line.sku: line.quantity for line in found.lines}


async def test_the_first_product_opens_a_cart_with_a_token_of_its_own(fill: Any) -> None:
    first, second = await fill("kale", 2), await fill("kale", 2)

    assert content(first.cart) == {"kale": 2}
    assert first.cart.version == 1
    assert first.token != second.token
    assert first.cart.id != second.cart.id


async def test_each_change_sets_the_line_and_raises_the_version(fill: Any) -> None:
    opened = await fill("kale", 2)
    await fill("leek", 1, opened.token)
    changed = await fill("kale", 5, opened.token)

    assert content(changed.cart) == {"kale": 5, "leek": 1}
    assert (changed.cart.version, changed.cart.units, changed.token) == (3, 6, opened.token)


async def test_setting_the_same_quantity_twice_is_setting_it_once(fill: Any) -> None:
    opened = await fill("kale", 2)

    assert content((await fill("kale", 2, opened.token)).cart) == {"kale": 2}


async def test_quantity_zero_takes_the_product_out(fill: Any) -> None:
    opened = await fill("kale", 2)
    await fill("leek", 1, opened.token)

    assert content((await fill("kale", 0, opened.token)).cart) == {"leek": 1}


async def test_taking_out_what_is_not_in_leaves_the_cart_as_it_is(fill: Any) -> None:
    opened = await fill("kale", 2)

    assert content((await fill("leek", 0, opened.token)).cart) == {"kale": 2}


async def test_taking_something_out_of_no_cart_opens_none(fill: Any, db: Database) -> None:
    filled = await fill("kale", 0)

    assert (filled.cart, filled.token) == (None, None)
    async with db.transaction() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(cart)) == 0


@pytest.mark.parametrize("quantity", [-1, QUANTITY_MAX + 1, 10**9])
async def test_a_quantity_out_of_bounds_is_refused_and_changes_nothing(
    fill: Any, db: Database, clock: FakeClock, quantity: int
) -> None:
    opened = await fill("kale", 2)

    with pytest.raises(Invalid) as refused:
        await fill("kale", quantity, opened.token)

    assert set(refused.value.problems) == {"/quantity"}
    assert await shown(db, clock, opened.token) == opened.cart


@pytest.mark.parametrize("sku", ["radish", "", "KALE", "kale'; DROP TABLE cart; --"])
async def test_an_unknown_product_is_refused_with_or_without_a_cart(
    fill: Any, db: Database, clock: FakeClock, sku: str
) -> None:
    opened = await fill("kale", 2)

    for token in (opened.token, None):
        with pytest.raises(Invalid) as refused:
            await fill(sku, 1, token)
        assert set(refused.value.problems) == {"/sku"}
    assert await shown(db, clock, opened.token) == opened.cart


async def test_a_withdrawn_product_can_be_taken_out_but_not_put_in(fill: Any, db: Database) -> None:
    opened = await fill("kale", 2)
    async with db.transaction() as tx:
        await tx.execute(sa.update(product).where(product.c.sku == "kale").values(active=False))

    with pytest.raises(Invalid):
        await fill("kale", 3, opened.token)
    with pytest.raises(Invalid):
        await fill("kale", 1)
    assert content((await fill("kale", 0, opened.token)).cart) == {}


async def test_one_line_too_many_is_refused_and_says_what_to_do(fill: Any, db: Database) -> None:
    token = None
    for number in range(LINES_MAX):
        token = (await fill(await a_product(db, f"p{number:02}"), 1, token)).token

    with pytest.raises(Invalid) as refused:
        await fill("kale", 1, token)

    assert str(LINES_MAX) in refused.value.problems["/sku"]
    full = await fill("p00", 9, token)
    assert (len(full.cart.lines), full.cart.units) == (LINES_MAX, LINES_MAX + 8)
    await fill("p00", 0, token)
    assert len((await fill("kale", 1, token)).cart.lines) == LINES_MAX


async def test_a_stale_tab_gets_the_current_cart_and_changes_nothing(fill: Any, db: Database, clock: FakeClock) -> None:
    opened = await fill("kale", 2)
    current = await fill("leek", 1, opened.token, version=opened.cart.version)

    with pytest.raises(StaleCart) as refused:
        await fill("kale", 9, opened.token, version=opened.cart.version)

    assert refused.value.cart == current.cart
    assert await shown(db, clock, opened.token) == current.cart


async def test_ten_changes_at_once_lose_none(fill: Any, db: Database, clock: FakeClock) -> None:
    skus = [await a_product(db, f"p{number}") for number in range(10)]
    opened = await fill("kale", 1)

    await asyncio.gather(*(fill(sku, number + 1, opened.token) for number, sku in enumerate(skus)))

    after = await shown(db, clock, opened.token)
    assert content(after) == {"kale": 1} | {sku: number + 1 for number, sku in enumerate(skus)}
    assert after is not None
    assert after.version == 11


async def test_of_many_who_saw_the_same_version_one_may_change_it(fill: Any) -> None:
    opened = await fill("kale", 1)

    outcomes = await asyncio.gather(
        *(fill("kale", quantity, opened.token, opened.cart.version) for quantity in range(2, 8)), return_exceptions=True
    )

    assert sum(isinstance(outcome, Filled) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, StaleCart) for outcome in outcomes) == 5


async def test_a_guessed_token_opens_a_cart_of_its_own_and_not_under_the_guess(fill: Any) -> None:
    """Whoever sets a cookie in somebody's browser must not know the cart that is filled there."""
    guess = new_token()

    assert (await fill("kale", 1, guess)).token != guess


async def test_an_expired_cart_is_gone_and_a_new_one_begun(fill: Any, db: Database, clock: FakeClock) -> None:
    opened = await fill("kale", 2)
    clock.advance(days=CART_TTL.days)
    assert await shown(db, clock, opened.token) is None

    again = await fill("leek", 1, opened.token)

    assert again.token != opened.token
    assert content(again.cart) == {"leek": 1}


async def test_using_a_cart_keeps_it(fill: Any, db: Database, clock: FakeClock) -> None:
    opened = await fill("kale", 2)
    clock.advance(days=CART_TTL.days - 1)
    await fill("leek", 1, opened.token)
    clock.advance(days=CART_TTL.days - 1)

    assert content(await shown(db, clock, opened.token)) == {"kale": 2, "leek": 1}


async def test_the_price_of_a_line_is_the_one_shown_when_it_was_set(fill: Any, db: Database, clock: FakeClock) -> None:
    opened = await fill("kale", 2)
    async with db.transaction() as tx:
        await tx.execute(sa.update(product).where(product.c.sku == "kale").values(price_cents=600))

    (line,) = (await shown(db, clock, opened.token)).lines  # ty: ignore[unresolved-attribute]
    (again,) = (await fill("kale", 2, opened.token)).cart.lines

    assert (line.shown_cents, line.price_cents, line.amount_cents) == (500, 600, 1_200)
    assert (again.shown_cents, again.price_cents) == (600, 600)


async def test_only_the_hash_of_a_token_is_kept(fill: Any, db: Database) -> None:
    opened = await fill("kale", 2)

    async with db.transaction() as tx:
        row = (await tx.execute(sa.select(cart))).one()
    assert opened.token not in str(row)


# Log-in


async def adopted(db: Database, clock: FakeClock, token: str | None, customer_id: CustomerId) -> str | None:
    async with db.transaction() as tx:
        return await adopt_cart(tx, token=token, customer_id=customer_id, now=clock.now())


@pytest.fixture
async def customer_id(db: Database, vault: Vault, clock: FakeClock) -> CustomerId:
    return await a_customer(db, vault, now=clock.now())


async def test_at_log_in_the_guests_cart_becomes_the_customers_under_a_new_token(
    fill: Any, db: Database, clock: FakeClock, customer_id: CustomerId
) -> None:
    guest = await fill("kale", 2)

    token = await adopted(db, clock, guest.token, customer_id)

    assert token != guest.token
    assert content(await shown(db, clock, token)) == {"kale": 2}
    assert (await shown(db, clock, token)).customer_id == customer_id  # ty: ignore[unresolved-attribute]


async def test_a_token_planted_before_log_in_opens_nothing_afterwards(
    fill: Any, db: Database, clock: FakeClock, customer_id: CustomerId
) -> None:
    planted = await fill("kale", 2)
    await adopted(db, clock, planted.token, customer_id)

    assert await shown(db, clock, planted.token) is None
    assert (await fill("soap", 1, planted.token)).cart.customer_id is None


async def test_two_carts_become_one_without_loss(
    fill: Any, db: Database, clock: FakeClock, customer_id: CustomerId
) -> None:
    earlier = await fill("kale", 2)
    await fill("leek", 1, earlier.token)
    earlier_token = await adopted(db, clock, earlier.token, customer_id)
    guest = await fill("kale", 3)
    await fill("soap", 4, guest.token)

    token = await adopted(db, clock, guest.token, customer_id)

    assert content(await shown(db, clock, token)) == {"kale": 5, "leek": 1, "soap": 4}
    assert await shown(db, clock, earlier_token) is None
    async with db.transaction() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(cart)) == 1


async def test_merging_stops_at_what_a_line_may_hold(
    fill: Any, db: Database, clock: FakeClock, customer_id: CustomerId
) -> None:
    await adopted(db, clock, (await fill("kale", 98)).token, customer_id)

    token = await adopted(db, clock, (await fill("kale", 97)).token, customer_id)

    assert content(await shown(db, clock, token)) == {"kale": QUANTITY_MAX}


async def test_without_a_guests_cart_the_customers_own_comes_back(
    fill: Any, db: Database, clock: FakeClock, customer_id: CustomerId
) -> None:
    await adopted(db, clock, (await fill("kale", 2)).token, customer_id)

    assert content(await shown(db, clock, await adopted(db, clock, None, customer_id))) == {"kale": 2}


async def test_without_any_cart_there_is_no_token(db: Database, clock: FakeClock, customer_id: CustomerId) -> None:
    assert await adopted(db, clock, None, customer_id) is None
    assert await adopted(db, clock, new_token(), customer_id) is None


async def test_another_customers_cart_is_not_taken_over(
    fill: Any, db: Database, vault: Vault, clock: FakeClock, customer_id: CustomerId
) -> None:
    """Two people share a browser, and the first never logged out."""
    token = await adopted(db, clock, (await fill("kale", 2)).token, customer_id)
    other = await a_customer(db, vault, now=clock.now())

    assert await adopted(db, clock, token, other) is None
    assert (await shown(db, clock, token)).customer_id == customer_id  # ty: ignore[unresolved-attribute]


async def test_log_ins_at_once_in_two_browsers_lose_nothing(
    fill: Any, db: Database, clock: FakeClock, customer_id: CustomerId
) -> None:
    guests = [await fill(sku, number) for number, sku in enumerate(("kale", "leek", "soap"), 1)]

    tokens = await asyncio.gather(*(adopted(db, clock, guest.token, customer_id) for guest in guests))
    token = await adopted(db, clock, None, customer_id)

    assert content(await shown(db, clock, token)) == {"kale": 1, "leek": 2, "soap": 3}
    assert len({*tokens, token}) == 4


# Expiry


async def test_expired_carts_are_removed_and_others_kept(fill: Any, db: Database, clock: FakeClock) -> None:
    await fill("kale", 1)
    clock.advance(days=CART_TTL.days - 1)
    kept = await fill("leek", 1)
    clock.advance(days=1)

    assert await expire_carts(None, db=db, clock=clock) == 1
    assert content(await shown(db, clock, kept.token)) == {"leek": 1}
    assert await expire_carts(None, db=db, clock=clock) == 0


async def test_a_cart_that_became_an_order_is_never_removed(fill: Any, db: Database, clock: FakeClock) -> None:
    await fill("kale", 1)
    async with db.transaction() as tx:
        await tx.execute(sa.update(cart).values(placed_at=clock.now()))
    clock.advance(days=10 * CART_TTL.days)

    assert await expire_carts(None, db=db, clock=clock) == 0


async def test_a_cart_in_use_at_this_moment_is_left_alone(fill: Any, db: Database, clock: FakeClock) -> None:
    await fill("kale", 1)
    late = FakeClock(clock.now() + CART_TTL + timedelta(seconds=1))
    async with db.transaction() as tx:
        await tx.execute(sa.select(cart.c.id).with_for_update())

        assert await expire_carts(None, db=db, clock=late) == 0
    assert await expire_carts(None, db=db, clock=late) == 1
