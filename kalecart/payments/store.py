"""All SQL that changes payments."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.database import Pg, Tx
from kalecart.disclosures import CHARGE_FIELDS
from kalecart.ids import AttemptId, CustomerId, OrderId, PaymentMethodId, new_id
from kalecart.jobs import receipt_for
from kalecart.payments.intent import Books, IntentSnapshot, OpenAttempt
from kalecart.payments.lifecycle import ATTEMPT, INTENT, OPEN, NoSuchArrow, listed, sources
from kalecart.payments.tables import attempt, ledger_entry, payment_intent
from kalecart.tasks import Held


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What is needed to collect for an order that is not paid yet."""

    amount_cents: int
    stripe_id: str | None
    server_errors: int
    customer_id: CustomerId
    stripe_customer_id: str
    method_id: PaymentMethodId
    stripe_method_id: str


_BEGIN: Final = """
    WITH due AS (
        SELECT o.id, o.total_cents, o.payment_method_id, o.customer_id FROM customer_order AS o
         WHERE o.id = $1 AND o.status <> 'cancelled' AND o.paid_at IS NULL FOR UPDATE
    ), intent AS (
        INSERT INTO payment_intent (order_id, amount_cents, begun_at) SELECT id, total_cents, $2 FROM due
            ON CONFLICT (order_id) DO UPDATE SET order_id = excluded.order_id
     RETURNING amount_cents, stripe_id, server_errors
    )
    SELECT intent.amount_cents, intent.stripe_id, intent.server_errors, due.customer_id,
           customer.stripe_customer_id, method.id AS method_id, method.stripe_id AS stripe_method_id
      FROM due, intent, customer, payment_method AS method
     WHERE customer.id = due.customer_id AND method.id = due.payment_method_id
"""


async def begin(pg: Pg, order_id: OrderId, *, now: datetime) -> Begun | None:
    """The intention to collect for an unpaid order, made if need be; None where there is nothing to collect."""
    row = await pg.fetchrow(_BEGIN, order_id, now)
    return Begun(**row) if row else None


# The order is locked: once it is cancelled no try can begin, and whoever cancelled it knows all there were.
_OPEN_ATTEMPT: Final = """
    WITH due AS (
        SELECT id, customer_id FROM customer_order
         WHERE id = $1 AND status <> 'cancelled' AND paid_at IS NULL FOR UPDATE
    ), intent AS (
        UPDATE payment_intent
           SET stripe_id = coalesce(stripe_id, $2), status = CASE WHEN status = 'begun' THEN 'created' ELSE status END
          FROM due
         WHERE order_id = due.id AND status NOT IN ('succeeded', 'canceled')
     RETURNING order_id, stripe_id
    ), opened AS (
        INSERT INTO attempt (id, order_id, number, payment_method_id, sent_at)
        SELECT $3, order_id, $4, $5, $6 FROM intent ON CONFLICT (order_id, number) DO NOTHING
     RETURNING id, state, server_errors
    ), told AS (
        INSERT INTO disclosure (person_id, id, recipient, fields, ground, reference, at)
        SELECT due.customer_id, $7, 'stripe', $8, 'payment', due.id::text, $6 FROM due, opened
    )
    SELECT intent.stripe_id, true AS fresh, opened.* FROM intent, opened
     UNION ALL
    SELECT intent.stripe_id, false AS fresh, a.id, a.state, a.server_errors
      FROM intent JOIN attempt AS a ON a.order_id = intent.order_id AND a.number = $4
"""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A try to collect. `fresh` means that it was never sent before."""

    id: AttemptId
    stripe_id: str
    fresh: bool
    state: str
    server_errors: int

    @property
    def ended(self) -> bool:
        return self.state not in OPEN

    @property
    def stripe_key(self) -> str:
        """The same for every repetition, so that Stripe does it once; another after an error of Stripe's own."""
        return f"confirm:{self.id}:{self.server_errors}"


async def open_attempt(
    pg: Pg, order_id: OrderId, stripe_id: str, *, number: int, method_id: PaymentMethodId, now: datetime
) -> Attempt | None:
    """Keep the intent's id and write the try before it is sent, with what it discloses (C10); the existing one where it
    was written before.

    None where there is nothing to collect any more: cancelled, paid, or called off at Stripe.
    """
    # Whoever waited for the lock cannot see a try that was written during the wait: look once more before believing
    # that there is none.
    asked = (order_id, stripe_id, new_id(), number, method_id, now, new_id(), CHARGE_FIELDS)
    row = await pg.fetchrow(_OPEN_ATTEMPT, *asked) or await pg.fetchrow(_OPEN_ATTEMPT, *asked)
    return Attempt(**row) if row else None


# An error of Stripe's own is kept under its key and would be replayed: the next call takes another key.
async def count_creation_error(tx: Tx, order_id: OrderId) -> None:
    mine = sa.update(payment_intent).where(payment_intent.c.order_id == order_id)
    await tx.execute(mine.values(server_errors=payment_intent.c.server_errors + 1))


async def count_attempt_error(tx: Tx, attempt_id: AttemptId) -> None:
    mine = sa.update(attempt).where(attempt.c.id == attempt_id)
    await tx.execute(mine.values(server_errors=attempt.c.server_errors + 1))


async def mark_unknown(tx: Tx, attempt_id: AttemptId) -> None:
    """The try was sent and nobody answered: it may have moved money (E21)."""
    mine = sa.update(attempt).where(attempt.c.id == attempt_id, attempt.c.state.in_(sources(ATTEMPT, "unknown")))
    await tx.execute(mine.values(state="unknown"))


# First the lock, then the look, in two statements: a statement that waits for a lock sees only the locked row anew and
# everything joined to it as it was before the wait.
_LOCK: Final = sa.text("SELECT id FROM customer_order WHERE id = :order_id FOR UPDATE").bindparams(
    sa.bindparam("order_id", type_=sa.Uuid)
)
_BOOKS: Final = sa.text("""
    SELECT o.id AS order_id, o.status AS order_status, o.total_cents, i.status,
           a.id AS attempt_id, m.stripe_id AS method_id,
           m.kind, ARRAY(SELECT stripe_charge_id FROM attempt AS x
                  WHERE x.order_id = o.id AND stripe_charge_id IS NOT NULL) AS seen
      FROM customer_order AS o
      JOIN payment_intent AS i ON i.order_id = o.id
 LEFT JOIN attempt AS a ON a.order_id = o.id AND a.state IN ('open', 'unknown')
 LEFT JOIN payment_method AS m ON m.id = a.payment_method_id
     WHERE o.id = :order_id AND (i.stripe_id IS NULL OR i.stripe_id = :stripe_id)
""").bindparams(sa.bindparam("order_id", type_=sa.Uuid))


async def lock_books(tx: Tx, snapshot: IntentSnapshot) -> Books | None:
    """Our rows about a PaymentIntent, the order locked; None where it is not ours."""
    if snapshot.order_id is None:
        return None
    await tx.execute(_LOCK, {"order_id": snapshot.order_id})
    found = await tx.execute(_BOOKS, {"order_id": snapshot.order_id, "stripe_id": snapshot.stripe_id})
    row = found.one_or_none()
    if row is None:
        return None
    open_attempt = None
    if row.attempt_id:
        open_attempt = OpenAttempt(id=AttemptId(row.attempt_id), method_id=row.method_id, kind=row.kind)
    return Books(
        order_id=row.order_id,
        order_status=row.order_status,
        total_cents=row.total_cents,
        status=row.status,
        attempt=open_attempt,
        seen_charge_ids=frozenset(row.seen),
    )


async def write_charge(tx: Tx, snapshot: IntentSnapshot, *, now: datetime) -> None:
    """Money that moved. The ledger holds one charge for an order and one entry for a charge."""
    entry = {"id": new_id(), "order_id": snapshot.order_id, "kind": "charge", "amount_cents": snapshot.amount_cents}
    await tx.execute(sa.insert(ledger_entry).values(**entry, stripe_id=snapshot.charge_id, at=now))


async def end_attempt(tx: Tx, books: Books, snapshot: IntentSnapshot, state: str, *, now: datetime) -> None:
    """Close the open try, if there is one, with what became of it."""
    if books.attempt is None:
        return
    ended = {"state": state, "ended_at": now, "stripe_charge_id": snapshot.charge_id}
    code = {"decline_code": snapshot.decline_code} if state == "declined" else {}
    mine = sa.update(attempt).where(attempt.c.id == books.attempt.id, attempt.c.state.in_(sources(ATTEMPT, state)))
    if (await tx.execute(mine.values(**ended, **code))).rowcount != 1:
        raise NoSuchArrow(f"attempt {books.attempt.id} to {state}")


_PAID_BY: Final = sa.text(f"""
    UPDATE attempt SET state = 'succeeded', ended_at = :now, stripe_charge_id = :charge_id, decline_code = NULL
     WHERE id = (SELECT a.id FROM attempt AS a JOIN payment_method AS m ON m.id = a.payment_method_id
                  WHERE a.order_id = :order_id AND m.stripe_id = :method_id ORDER BY a.number DESC LIMIT 1)
       AND state IN ({listed(sources(ATTEMPT, "succeeded"))})
""").bindparams(  # noqa: S608  # from constants
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    sa.bindparam("order_id", type_=sa.Uuid),
)


async def end_paid(tx: Tx, books: Books, snapshot: IntentSnapshot, *, now: datetime) -> None:
    """Close the try that moved the money: the open one, unless its customer confirmed another after all."""
    if snapshot.method_id is None or (books.attempt is not None and books.attempt.method_id == snapshot.method_id):
        await end_attempt(tx, books, snapshot, "succeeded", now=now)
        return
    await end_attempt(tx, books, replace(snapshot, charge_id=None), "canceled", now=now)
    paid_by = {"order_id": books.order_id, "method_id": snapshot.method_id, "charge_id": snapshot.charge_id}
    await tx.execute(_PAID_BY, paid_by | {"now": now})


async def set_status(tx: Tx, order_id: Any, status: str, *, stripe_id: str | None = None) -> None:
    """Move a payment along an arrow; where it is there already, that is all. Raises NoSuchArrow."""
    values: dict[str, Any] = {"status": status}
    if stripe_id is not None:
        values["stripe_id"] = stripe_id
    before = payment_intent.c.status.in_([status, *sources(INTENT, status)])
    mine = sa.update(payment_intent).where(payment_intent.c.order_id == order_id, before)
    if (await tx.execute(mine.values(**values))).rowcount != 1:
        raise NoSuchArrow(f"payment of order {order_id} to {status}")


# The usual end of a charge, whole, in one statement: everything that `apply_intent` and `tasks.finish` write for a
# payment that succeeded. It writes nothing unless every row is as it is in the usual case, locked and looked at again:
# order placed, intent not paid, the try open, the lease ours. Anything else is for the general way.
_FINISH_PAID: Final = f"""
    WITH books AS (
        SELECT o.id, a.id AS attempt_id
          FROM customer_order AS o
          JOIN payment_intent AS i ON i.order_id = o.id
          JOIN attempt AS a ON a.order_id = o.id
         WHERE o.id = $1 AND o.status = 'placed' AND o.total_cents = $3
           AND i.stripe_id = $2 AND i.status IN ({listed(sources(INTENT, "succeeded"))})
           AND a.state IN ({listed(OPEN)})
           FOR UPDATE
    ), done AS (
        UPDATE task SET state = 'done', ended_at = $4, lease = NULL, lease_until = NULL, last_error = NULL
         WHERE id = $5 AND lease = $6 AND state = 'running' AND EXISTS (SELECT FROM books)
     RETURNING id
    ), paid AS (
        UPDATE customer_order SET status = 'paid', paid_at = $4 FROM books, done WHERE customer_order.id = books.id
     RETURNING customer_order.id, books.attempt_id
    ), charged AS (
        INSERT INTO ledger_entry (id, order_id, kind, amount_cents, stripe_id, at)
        SELECT $7, id, 'charge', $3, $8, $4 FROM paid
    ), ended AS (
        UPDATE attempt SET state = 'succeeded', ended_at = $4, stripe_charge_id = $8
          FROM paid WHERE attempt.id = paid.attempt_id
    ), collected AS (
        UPDATE payment_intent SET status = 'succeeded' FROM paid WHERE payment_intent.order_id = paid.id
    ), told AS (
        INSERT INTO order_event (id, order_id, kind, at) SELECT $9, id, 'paid', $4 FROM paid
    ), promised AS (
        INSERT INTO task (id, topic, key, arguments, due_at, promised_at)
        SELECT $10, $11, $12, $13::jsonb, $4, $4 FROM paid ON CONFLICT (key) DO NOTHING
    )
    SELECT id FROM paid
"""  # noqa: S608  # from constants


async def finish_paid(pg: Pg, snapshot: IntentSnapshot, held: Held, *, now: datetime) -> bool:
    """Write a payment that succeeded and end its task; False where anything is unusual, and then nothing is written."""
    if snapshot.order_id is None:
        return False
    look = (snapshot.order_id, snapshot.stripe_id, snapshot.amount_cents, now)
    new = (new_id(), snapshot.charge_id, new_id())
    receipt = receipt_for(snapshot.order_id)
    promised = (new_id(), receipt.topic, receipt.key, json.dumps(receipt.arguments()))
    held.finished = await pg.fetchval(_FINISH_PAID, *look, held.id, held.lease, *new, *promised) is not None
    return held.finished


@dataclass(frozen=True, kw_only=True)
class Collected:
    """How far the payment of an order is: what a cancellation has to undo."""

    stripe_id: str | None
    status: str


async def collected(pg: Pg, order_id: OrderId) -> Collected | None:
    """None where nobody has begun to collect."""
    row = await pg.fetchrow("SELECT stripe_id, status FROM payment_intent WHERE order_id = $1", order_id)
    return Collected(**row) if row else None


async def note_checked(tx: Tx, order_id: OrderId, *, now: datetime) -> None:
    """Stripe was asked what became of it."""
    await tx.execute(sa.update(payment_intent).where(payment_intent.c.order_id == order_id).values(checked_at=now))


async def abandon_attempt(tx: Tx, order_id: OrderId, *, now: datetime) -> None:
    """The customer takes another method instead of confirming this one."""
    mine = sa.update(attempt).where(attempt.c.order_id == order_id, attempt.c.state.in_(sources(ATTEMPT, "canceled")))
    await tx.execute(mine.values(state="canceled", ended_at=now))
