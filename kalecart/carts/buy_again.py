"""Put everything of an earlier order into the cart once more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kalecart.carts.cart import QUANTITY_MAX
from kalecart.carts.fill import set_line
from kalecart.carts.reads import cart_of
from kalecart.database import Database
from kalecart.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class BoughtAgain:
    """The token of the cart, and how many products are not sold any more or found no place in it."""

    token: str | None
    gone: int


async def buy_again(
    wanted: Mapping[str, int], *, token: str | None, session_hash: bytes | None, db: Database, now: datetime
) -> BoughtAgain:
    """On top of what the cart holds, up to the most it may; what cannot be had is left out and counted."""
    async with db.direct() as pg:
        cart = await cart_of(pg, token, now=now)
    held = {line.sku: line.quantity for line in cart.lines} if cart else {}
    gone = 0
    for sku, quantity in wanted.items():
        total = min(held.get(sku, 0) + quantity, QUANTITY_MAX)
        try:
            filled = await set_line(
                sku, total, token=token, expected_version=None, db=db, now=now, session_hash=session_hash
            )
        except Invalid:
            gone += 1
        else:
            token = filled.token
    return BoughtAgain(token=token, gone=gone)
