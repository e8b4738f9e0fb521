"""Say that one's details are still right: one press (C7)."""

from kalecart.clock import Clock
from kalecart.customers import store
from kalecart.customers.correction import CheckAnswer, CheckWhy
from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.ids import CustomerId


async def confirm_details(customer_id: CustomerId, *, db: Database, clock: Clock) -> None:
    """Answer every question that stands; where none does, it is written that they said so of their own accord."""
    now = clock.now()
    async with db.transaction() as tx:
        if not await store.lock(tx, customer_id):
            raise NotFound("There is no such customer.")
        if not await store.answer_checks(tx, customer_id, CheckWhy, CheckAnswer.STILL_RIGHT, now=now):
            await store.raise_check(tx, customer_id, CheckWhy.OWN_ACCORD, now=now)
            await store.answer_checks(tx, customer_id, CheckWhy, CheckAnswer.STILL_RIGHT, now=now)
        await store.change(tx, customer_id, details_confirmed_at=now)
