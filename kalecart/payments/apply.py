"""Bring a look at Stripe into the books: the one way, for the worker and for the webhook."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.ids import OrderId
from kalecart.jobs import Job, LetAhead, MailKind, SendMail, SettleCancellation, receipt_for
from kalecart.orders import store as orders
from kalecart.orders.order import OrderStatus
from kalecart.payments import store
from kalecart.payments.intent import SUCCEEDED, Books, Finding, IntentSnapshot, OpenAttempt, find
from kalecart.payments.judge import judge

# Whoever takes another card at once needs no letter about the first.
BEFORE_WRITING: Final = timedelta(minutes=2)

log = structlog.get_logger()


async def apply_intent(tx: Tx, snapshot: IntentSnapshot, *, now: datetime) -> Finding | None:
    """Under the order's lock, add what Stripe knows and we do not; returns what that was, None if it is not ours.

    Whatever comes early, late, twice or out of order: applying again finds nothing to add (E25, E27, E28, E29).
    """
    books = await store.lock_books(tx, snapshot)
    if books is None:
        await tasks.raise_alert(tx, "foreign_payment", snapshot.stripe_id, now=now)
        return None
    finding = find(snapshot, books)
    order_id = OrderId(books.order_id)
    match finding:
        case Finding.PAID:
            await _paid(tx, snapshot, books, now=now)
        case Finding.DECLINED:
            await _declined(tx, snapshot, books, now=now)
        case Finding.PROCESSING | Finding.ACTION_NEEDED:
            await store.set_status(tx, order_id, str(finding), stripe_id=snapshot.stripe_id)
            await orders.tell(tx, order_id, str(finding), now=now)
            if books.attempt is not None:
                await tasks.promise(tx, _meanwhile(finding, order_id, books.attempt), now=now, hinted=False)
        case Finding.CANCELED:
            await _canceled(tx, snapshot, books, now=now)
        case Finding.WRONG_AMOUNT:
            await tasks.raise_alert(tx, "wrong_amount", str(order_id), now=now)
        case Finding.NOTHING:
            pass
    log.info("intent_applied", order_id=order_id, intent_id=snapshot.stripe_id, status=str(finding))
    return finding


async def record_paid(snapshot: IntentSnapshot, held: tasks.Held, *, db: Database, clock: Clock) -> bool:
    """The same for the usual end of a charge, in one statement together with its task; False where it is not that."""
    if snapshot.status != SUCCEEDED:
        return False
    async with db.direct() as pg:
        if not await store.finish_paid(pg, snapshot, held, now=clock.now()):
            return False
    log.info("intent_applied", order_id=snapshot.order_id, intent_id=snapshot.stripe_id, status=str(Finding.PAID))
    return True


async def _paid(tx: Tx, snapshot: IntentSnapshot, books: Books, *, now: datetime) -> None:
    order_id = OrderId(books.order_id)
    await store.write_charge(tx, snapshot, now=now)
    await store.end_paid(tx, books, snapshot, now=now)
    await store.set_status(tx, order_id, "succeeded", stripe_id=snapshot.stripe_id)
    order = await orders.lock(tx, order_id)
    if order.status == OrderStatus.PLACED:
        await orders.move(tx, order, OrderStatus.PAID, paid_at=now)
    else:
        await orders.note_paid(tx, order_id, now=now)
    await orders.tell(tx, order_id, "paid", now=now)
    if order.status != OrderStatus.CANCELLED:
        await tasks.promise(tx, receipt_for(order_id), now=now, hinted=False)
    else:
        # The money moved all the same, so the books say so first; then it goes back.
        job = SettleCancellation(order_id=order_id, cause=snapshot.charge_id or snapshot.stripe_id)
        await tasks.promise(tx, job, now=now, hinted=False)


def _meanwhile(finding: Finding, order_id: OrderId, attempt: OpenAttempt) -> Job:
    """What there is to do while the bank moves the money, or waits for its customer."""
    cause = str(attempt.id)
    if finding is Finding.PROCESSING:
        return LetAhead(order_id=order_id, cause=cause)
    return SendMail(kind=MailKind.PAYMENT_ACTION_NEEDED, subject=order_id, occasion=cause)


async def _declined(tx: Tx, snapshot: IntentSnapshot, books: Books, *, now: datetime) -> None:
    order_id = OrderId(books.order_id)
    await store.end_attempt(tx, books, snapshot, "declined", now=now)
    await store.set_status(tx, order_id, "declined", stripe_id=snapshot.stripe_id)
    await orders.tell(tx, order_id, "declined", now=now, code=snapshot.decline_code or "")
    order = await orders.lock(tx, order_id)
    if order.goes_ahead and order.status is OrderStatus.PLACED:
        await orders.let_ahead(tx, order_id, goes_ahead=False)
    elif order.goes_ahead:
        # It is being picked, or delivered, and now nobody has paid for it.
        await tasks.raise_alert(tx, "unpaid_goods", str(order_id), now=now)
    await judge(tx, order.customer_id, now=now)
    if order.status is OrderStatus.CANCELLED:
        # Stripe would not call off what the bank had in hand. Now that it ended, nobody may try it again.
        await tasks.promise(tx, SettleCancellation(order_id=order_id, cause="declined"), now=now, hinted=False)
    elif books.attempt is not None:
        letter = SendMail(kind=MailKind.PAYMENT_DECLINED, subject=order_id, occasion=str(books.attempt.id))
        await tasks.promise(tx, letter, now=now, due_at=now + BEFORE_WRITING)


async def _canceled(tx: Tx, snapshot: IntentSnapshot, books: Books, *, now: datetime) -> None:
    order_id = OrderId(books.order_id)
    await store.end_attempt(tx, books, snapshot, "canceled", now=now)
    await store.set_status(tx, order_id, "canceled", stripe_id=snapshot.stripe_id)
    if books.order_status != OrderStatus.CANCELLED:
        # It was not us: somebody did at Stripe, and the order would wait for ever.
        await orders.tell(tx, order_id, "canceled", now=now)
        await tasks.raise_alert(tx, "payment_canceled", str(order_id), now=now)
