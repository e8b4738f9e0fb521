"""Give money back for an order, whole or in part: written first, sent to Stripe by a worker."""

from collections.abc import Mapping

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.dispatch import Dispatcher
from kalecart.jobs import SendRefund
from kalecart.money import CURRENCY
from kalecart.orders import store as orders
from kalecart.payments import store_refunds as store
from kalecart.payments.refund import AskRefund, NothingToRefund, OtherCurrency, RefundIdTaken, TooMuch, amount_of
from kalecart.steps import step


async def refund_order(asked: AskRefund, *, db: Database, clock: Clock, dispatcher: Dispatcher) -> None:
    """Promise a refund; the same asked again under the same `refund_id` changes nothing.

    Never more than was captured and not returned, however many ask at once (E34). What staff ask is on record. Raises
    NotFound, RefundIdTaken with what is on record under that id, NothingToRefund, TooMuch and OtherCurrency with what
    remains, Invalid for lines that are not there.
    """
    async with db.transaction() as tx:
        await orders.lock(tx, asked.order_id)
        promised = await refund_locked(tx, asked, clock=clock)
        step("refund_order.applied")
    step("refund_order.written")
    if promised is not None:
        dispatcher.hint(promised.id, promised.job.topic)


async def refund_locked(tx: Tx, asked: AskRefund, *, clock: Clock, hinted: bool = True) -> tasks.Promise | None:
    """The same for an order that the caller has locked, in the caller's transaction."""
    now = clock.now()
    if (recorded := await store.recorded(tx, asked.refund_id)) is not None:
        if not recorded.same(asked):
            raise RefundIdTaken(recorded)
        return None
    remaining = (await store.returnable(tx, asked.order_id)).remaining_cents
    if remaining == 0:
        raise NothingToRefund(f"Nothing of order {asked.order_id} is left to refund.", remaining_cents=0)
    if asked.currency != CURRENCY:
        raise OtherCurrency(f"Ask in {CURRENCY}.", remaining_cents=remaining)
    amount, lines = await _amount(tx, asked, remaining)
    if not 0 < amount <= remaining:
        raise TooMuch(amount, remaining)
    await store.add(tx, asked, amount_cents=amount, lines=lines, now=now)
    if asked.staff_id is not None:
        detail = {"refund": asked.refund_id, "amount_cents": amount, "reason": str(asked.reason)}
        by, subject = audit.by_staff(asked.staff_id), ("order", asked.order_id)
        await audit.record(tx, "refund_asked", by=by, subject=subject, now=now, detail=detail)
    await orders.tell(tx, asked.order_id, "refund_asked", now=now, amount_cents=amount, reason=str(asked.reason))
    return await tasks.promise(tx, SendRefund(refund_id=asked.refund_id), now=now, hinted=hinted)


async def _amount(tx: Tx, asked: AskRefund, remaining: int) -> tuple[int, Mapping[str, int]]:
    if asked.lines:
        lines, tax_cents = await store.sold(tx, asked.order_id)
        return amount_of(lines, asked.lines, tax_cents=tax_cents)
    return (remaining if asked.amount_cents is None else asked.amount_cents), {}
