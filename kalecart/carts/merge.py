"""At log-in the guest's cart and the one the customer left become one, and its token changes (E11)."""

from datetime import datetime

from kalecart.carts import store
from kalecart.carts.cart import CART_TTL
from kalecart.chance import new_token, token_hash
from kalecart.database import Tx
from kalecart.ids import CustomerId


async def adopt_cart(tx: Tx, *, token: str | None, customer_id: CustomerId, now: datetime) -> str | None:
    """Make one cart of both, without loss; returns the new token for the cookie, or None where there is no cart.

    Runs in the transaction of the log-in. A token planted before log-in opens nothing afterwards.
    """
    carts = await store.lock_open(tx, token_hash=token_hash(token) if token else None, customer_id=customer_id, now=now)
    if not carts:
        return None
    ids = [row.id for row in carts]
    kept, *others = ids
    fresh = new_token()
    values = {"customer_id": customer_id, "token_hash": token_hash(fresh), "expires_at": now + CART_TTL}
    if others:
        values["lines"] = await store.merged_lines(tx, ids)
        await store.drop(tx, others)
    await store.keep(tx, kept, **values)
    return fresh
