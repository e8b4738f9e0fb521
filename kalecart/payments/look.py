"""Look at something of Stripe's as it is now, and bring what was seen into the books."""

from datetime import datetime

from kalecart.database import Tx
from kalecart.payments.apply import apply_intent
from kalecart.payments.apply_dispute import apply_dispute
from kalecart.payments.apply_refund import apply_refund
from kalecart.payments.dispute import DisputeSnapshot
from kalecart.payments.gateway import Gateway
from kalecart.payments.intent import IntentSnapshot
from kalecart.payments.refund import RefundSnapshot

Look = IntentSnapshot | RefundSnapshot | DisputeSnapshot


async def look_at(kind: str, object_id: str, gateway: Gateway) -> list[Look]:
    """What an event of this kind is about, the payment first: a refund or a dispute may be told of before the charge it
    undoes. Raises NotAtStripe, Unavailable."""
    if kind.startswith("payment_intent"):
        return [await gateway.read_intent(object_id)]
    refers = kind.startswith("refund")
    look = await gateway.read_refund(object_id) if refers else await gateway.read_dispute(object_id)
    return [await gateway.read_intent(look.intent_id), look] if look.intent_id else [look]


async def apply_look(tx: Tx, look: Look, *, now: datetime) -> str:
    """Returns what it came to, in a word."""
    if isinstance(look, RefundSnapshot):
        return await apply_refund(tx, look, now=now)
    if isinstance(look, DisputeSnapshot):
        return await apply_dispute(tx, look, now=now)
    finding = await apply_intent(tx, look, now=now)
    return "foreign" if finding is None else str(finding)
