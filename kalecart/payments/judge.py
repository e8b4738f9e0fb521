"""Hold a customer's bank accounts against their payment record, whenever that changed (C1)."""

from datetime import datetime

import structlog

from kalecart.database import Tx
from kalecart.ids import CustomerId
from kalecart.payments import reads_standing, store_methods

log = structlog.get_logger()


async def judge(tx: Tx, customer_id: CustomerId, *, now: datetime) -> None:
    """Bar them, or let them be charged again, in the transaction that changed the record; no accounts, no work."""
    if not await store_methods.lock_accounts(tx, customer_id):
        return
    standing = await reads_standing.standing_of(tx, customer_id, now=now)
    if await store_methods.bar(tx, customer_id, barred_at=None if standing.allowed else now):
        log.info("bank_accounts_judged", customer_id=customer_id, reason=str(standing.hindrance))
