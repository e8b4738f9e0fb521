"""Put a product into a cart, change how much of it, or take it out."""

from dataclasses import dataclass
from datetime import datetime

from kalecart.carts import reads, store
from kalecart.carts.cart import LINES_MAX, QUANTITY_MAX, Cart, StaleCart
from kalecart.chance import new_token, token_hash
from kalecart.database import Database, Pg
from kalecart.errors import Invalid
from kalecart.ids import CartId, new_id


@dataclass(frozen=True)
class Filled:
    """The cart as it is now, and the token its cookie carries: a new one where the old named no open cart."""

    cart: Cart | None
    token: str | None


async def set_line(
    sku: str, quantity: int, *, token: str | None, expected_version: int | None, db: Database, now: datetime
) -> Filled:
    """Make the cart hold `quantity` of a product; 0 takes it out. Doing it twice is doing it once.

    Raises Invalid for an unknown product, a quantity out of bounds or one line too many, and StaleCart where
    `expected_version` is given and is not the cart's (E5).
    """
    if not 0 <= quantity <= QUANTITY_MAX:
        raise Invalid({"/quantity": f"Choose a whole number from 0 to {QUANTITY_MAX}."})
    async with db.direct() as pg:
        if token and (changed := await _change(pg, token, sku, quantity, expected_version, now)):
            return Filled(changed, token)
        current = await reads.cart_of(pg, token, now=now)
        if current is not None:
            raise _why(current, sku, expected_version)
        if quantity == 0:
            return Filled(None, token)
        return await _open(pg, sku, quantity, now)


async def _change(pg: Pg, token: str, sku: str, quantity: int, version: int | None, now: datetime) -> Cart | None:
    return await store.set_line(pg, token_hash(token), sku=sku, quantity=quantity, version=version, now=now)


def _why(current: Cart, sku: str, expected_version: int | None) -> Invalid | StaleCart:
    if expected_version is not None and expected_version != current.version:
        return StaleCart(current)
    if len(current.lines) >= LINES_MAX and not current.quantity_of(sku):
        return Invalid({"/sku": f"A cart holds up to {LINES_MAX} different products. Take one out first."})
    return Invalid({"/sku": "We do not sell this product."})


async def _open(pg: Pg, sku: str, quantity: int, now: datetime) -> Filled:
    token = new_token()
    opened = await store.open_with(pg, CartId(new_id()), token_hash(token), sku=sku, quantity=quantity, now=now)
    if opened is None:
        raise Invalid({"/sku": "We do not sell this product."})
    return Filled(opened, token)
