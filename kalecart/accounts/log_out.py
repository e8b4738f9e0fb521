"""Log out: here, or everywhere."""

from kalecart.chance import token_hash
from kalecart.customers import store
from kalecart.database import Database
from kalecart.ids import CustomerId


async def log_out(session_token: str | None, *, db: Database) -> None:
    """End one session. Doing it twice, or with a token nobody has, changes nothing."""
    if session_token:
        async with db.transaction() as tx:
            await store.end_session(tx, token_hash(session_token))


async def log_out_everywhere(customer_id: CustomerId, *, db: Database) -> int:
    """End every session of a customer, this one too; returns how many there were."""
    async with db.transaction() as tx:
        return await store.end_sessions(tx, customer_id)
