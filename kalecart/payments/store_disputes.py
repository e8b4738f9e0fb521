"""All SQL that changes disputes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Tx
from kalecart.ids import OrderId
from kalecart.payments.dispute import DisputeSnapshot
from kalecart.payments.tables import dispute, ledger_entry, payment_intent


async def order_of(tx: Tx, snapshot: DisputeSnapshot) -> OrderId | None:
    """Whose charge is contested; None where it is not of this shop."""
    mine = sa.select(payment_intent.c.order_id).where(payment_intent.c.stripe_id == snapshot.intent_id)
    found = await tx.scalar(mine)
    return OrderId(found) if found else None


async def status_of(tx: Tx, stripe_id: str) -> str | None:
    """What we knew of it so far. The caller has locked the order."""
    return await tx.scalar(sa.select(dispute.c.status).where(dispute.c.stripe_id == stripe_id))


async def taken_cents(tx: Tx, stripe_id: str) -> int | None:
    """What the ledger says that the bank took; None where it took nothing yet."""
    mine = sa.select(-ledger_entry.c.amount_cents)
    return await tx.scalar(mine.where(ledger_entry.c.kind == "dispute", ledger_entry.c.stripe_id == stripe_id))


async def keep(tx: Tx, order_id: OrderId, snapshot: DisputeSnapshot, *, now: datetime) -> None:
    values: dict[str, object] = {
        "amount_cents": snapshot.amount_cents,
        "status": snapshot.status,
        "reason": snapshot.reason,
        "evidence_due_at": snapshot.evidence_due_at,
        "closed_at": now if snapshot.closed else None,
    }
    row = insert(dispute).values(
        stripe_id=snapshot.stripe_id, order_id=order_id, opened_at=snapshot.opened_at, **values
    )
    await tx.execute(row.on_conflict_do_update(index_elements=["stripe_id"], set_=values))
