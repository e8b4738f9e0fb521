"""Begin a log-in in the transaction that proved who it is: a new session, and the cart that was filled before."""

from datetime import datetime

from kalecart.accounts.visit import Entered, Visit
from kalecart.carts.merge import adopt_cart
from kalecart.chance import new_token, token_hash
from kalecart.customers import store
from kalecart.customers.session import SESSION_TTL
from kalecart.database import Tx
from kalecart.ids import CustomerId


async def enter(tx: Tx, customer_id: CustomerId, visit: Visit, *, now: datetime) -> Entered:
    """The session the browser had ends, whoever's it was."""
    if visit.session_token:
        await store.end_session(tx, token_hash(visit.session_token))
    token = new_token()
    await store.start_session(tx, token_hash(token), customer_id=customer_id, now=now, expires_at=now + SESSION_TTL)
    cart_token = await adopt_cart(tx, token=visit.cart_token, customer_id=customer_id, now=now)
    return Entered(customer_id=customer_id, session_token=token, cart_token=cart_token)
