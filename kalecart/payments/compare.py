"""Hold Stripe's lists against our books, and our books against Stripe. Looks only."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from kalecart.database import Database
from kalecart.payments import reads_sides as ours
from kalecart.payments.comparison import (
    Comparison,
    Pair,
    What,
    dispute_pair,
    missing_pair,
    payment_pair,
    refund_pair,
)
from kalecart.payments.dispute import DisputeSnapshot
from kalecart.payments.gateway import Gateway, NotAtStripe
from kalecart.payments.intent import IntentSnapshot
from kalecart.payments.listing import Span
from kalecart.payments.refund import RefundSnapshot

# Asked for one by one. More than this missing means that something larger is wrong, and asking on would not tell what.
MISSING_MAX: Final = 500
LOOKS: Final = 5
LOOK_AGAIN_S: Final = 2.0

_PAIRS: Final[dict[What, tuple[Any, Any]]] = {
    What.PAYMENT: (ours.payments, payment_pair),
    What.REFUND: (ours.refunds, refund_pair),
    What.DISPUTE: (ours.disputes, dispute_pair),
}


async def compare(span: Span, *, db: Database, gateway: Gateway) -> Comparison:
    """Every payment, refund and dispute that either side says was made in the span, and what is not over yet.

    What is on its way into the books at this moment is a gap too. Raises Unavailable.
    """
    found = Comparison()
    for what in What:
        async for page in _lists(gateway, what, span):
            found.add(await _paired(what, page, found, db))
        await _look_for_missing(what, span, found, db=db, gateway=gateway)
    return found


async def compare_patiently(
    span: Span, *, db: Database, gateway: Gateway, looks: int = LOOKS, wait_s: float = LOOK_AGAIN_S
) -> Comparison:
    """The same while the shop is open: a gap is believed when it is still there after so many more looks."""
    found = await compare(span, db=db, gateway=gateway)
    for _ in range(looks):
        if not found.gaps:
            break
        await asyncio.sleep(wait_s)
        for gap in list(found.gaps):
            found.replace(gap, await look_again(gap.what, gap.stripe_id, db=db, gateway=gateway))
    return found


async def look_again(what: What, stripe_id: str, *, db: Database, gateway: Gateway) -> Pair | None:
    """One object as both sides have it now; None where it is not of this shop."""
    try:
        theirs = await _read(gateway, what, stripe_id)
    except NotAtStripe:
        return await _missing(what, stripe_id, db)
    pairs = await _paired(what, [theirs], None, db)
    return pairs[0] if pairs else None


def _lists(gateway: Gateway, what: What, span: Span) -> AsyncIterator[Sequence[Any]]:
    if what is What.PAYMENT:
        return gateway.intents(span)
    return gateway.refunds(span) if what is What.REFUND else gateway.disputes(span)


async def _paired(what: What, page: Sequence[Any], found: Comparison | None, db: Database) -> list[Pair]:
    books, pair = _PAIRS[what]
    async with db.direct() as pg:
        known = await books(pg, page)
    if found is not None:
        found.foreign += len(page) - len(known)
    return [pair(each, known[each.stripe_id]) for each in page if each.stripe_id in known]


async def _look_for_missing(what: What, span: Span, found: Comparison, *, db: Database, gateway: Gateway) -> None:
    async with db.direct() as pg:
        expected = await ours.expected(pg, what, span)
    for stripe_id in [each for each in expected if each not in found.seen][:MISSING_MAX]:
        pair = await look_again(what, stripe_id, db=db, gateway=gateway)
        if pair is not None:
            found.add([pair])


async def _read(gateway: Gateway, what: What, stripe_id: str) -> IntentSnapshot | RefundSnapshot | DisputeSnapshot:
    if what is What.PAYMENT:
        return await gateway.read_intent(stripe_id)
    return await (gateway.read_refund(stripe_id) if what is What.REFUND else gateway.read_dispute(stripe_id))


async def _missing(what: What, stripe_id: str, db: Database) -> Pair | None:
    async with db.direct() as pg:
        known = await ours.named(pg, what, stripe_id)
    return missing_pair(what, stripe_id, known) if known else None
