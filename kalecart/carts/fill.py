"""Put a product into a cart, change how much of it, or take it out."""

from dataclasses import dataclass
from datetime import datetime

from kalecart.carts import reads, store
from kalecart.carts.cart import LINES_MAX, QUANTITY_MAX, Cart, StaleCart
from kalecart.carts.merge import adopt_cart
from kalecart.chance import new_token, token_hash
from kalecart.database import Database, Pg
from kalecart.errors import Invalid
from kalecart.ids import CartId, CustomerId, new_id


@dataclass(frozen=True)
class Filled:
    """The cart as it is now, and the token its cookie carries: a new one where the old named no open cart."""

    cart: Cart | None
    token: str | None


async def set_line(
    sku: str,
    quantity: int,
    *,
    token: str | None,
    expected_version: int | None,
    db: Database,
    now: datetime,
    session_hash: bytes | None = None,
) -> Filled:
    """Make the cart hold `quantity` of a product; 0 takes it out. Doing it twice is doing it once.

    `session_hash` names whoever is logged in: a new cart is theirs, and one they left elsewhere comes along.
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
        owner = await store.owner_of(pg, session_hash, now=now) if session_hash else None
    if owner is not None and owner.left_a_cart and (own := await _left_elsewhere(owner.id, db=db, now=now)):
        return await set_line(sku, quantity, token=own, expected_version=None, db=db, now=now)
    if quantity == 0:
        return Filled(None, token)
    async with db.direct() as pg:
        return await _open(pg, sku, quantity, owner=owner.id if owner else None, now=now)


async def _left_elsewhere(owner: CustomerId, *, db: Database, now: datetime) -> str | None:
    async with db.transaction() as tx:
        return await adopt_cart(tx, token=None, customer_id=owner, now=now)


async def _change(pg: Pg, token: str, sku: str, quantity: int, version: int | None, now: datetime) -> Cart | None:
    return await store.set_line(pg, token_hash(token), sku=sku, quantity=quantity, version=version, now=now)


def _why(current: Cart, sku: str, expected_version: int | None) -> Invalid | StaleCart:
    if expected_version is not None and expected_version != current.version:
        return StaleCart(current)
    if len(current.lines) >= LINES_MAX and not current.quantity_of(sku):
        return Invalid({"/sku": f"A cart holds up to {LINES_MAX} different products. Take one out first."})
    return Invalid({"/sku": "We do not sell this product."})


async def _open(pg: Pg, sku: str, quantity: int, *, owner: CustomerId | None, now: datetime) -> Filled:
    token = new_token()
    opened = await store.open_with(
        pg, CartId(new_id()), token_hash(token), sku=sku, quantity=quantity, owner=owner, now=now
    )
    if opened is None:
        raise Invalid({"/sku": "We do not sell this product."})
    return Filled(opened, token)
