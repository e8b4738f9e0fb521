"""All SQL that erases: the holds in the way, the record of an erasure, and the statements the register makes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from kalecart.consent.purpose import Purpose
from kalecart.consent.store import forget_pseudonyms
from kalecart.database import Tx
from kalecart.ids import CustomerId, new_id
from kalecart.privacy.erasure import Bare, Bareness, statements
from kalecart.privacy.erasure_tables import erasure, erasure_wait, legal_hold
from kalecart.privacy.hold import DISPUTE_TAKES, REFUND_TAKES, Held, HoldKind

_HOLDS: Final = sa.text("""
    WITH own AS (SELECT id, status, window_id FROM customer_order WHERE customer_id = :person)
    SELECT 'open_order' AS kind, own.id AS subject, delivery_window.ends_at AS until
      FROM own JOIN delivery_window ON delivery_window.id = own.window_id
     WHERE own.status IN ('placed', 'paid', 'picking')
     UNION ALL
    SELECT 'open_dispute', own.id, dispute.evidence_due_at + :dispute_takes
      FROM own JOIN dispute ON dispute.order_id = own.id WHERE dispute.closed_at IS NULL
     UNION ALL
    SELECT 'refund_under_way', own.id, max(refund.asked_at) + :refund_takes
      FROM own JOIN refund ON refund.order_id = own.id
     WHERE refund.state IN ('open', 'unknown', 'pending') GROUP BY own.id
     UNION ALL
    SELECT 'refund_under_way', own.id, payment_intent.begun_at + :refund_takes
      FROM own JOIN payment_intent ON payment_intent.order_id = own.id
     WHERE own.status = 'cancelled' AND payment_intent.status = 'processing'
     UNION ALL
    SELECT 'legal_hold', id, review_at FROM legal_hold WHERE customer_id = :person AND lifted_at IS NULL
""").bindparams(
    sa.bindparam("person", type_=sa.Uuid),
    sa.bindparam("dispute_takes", DISPUTE_TAKES, sa.Interval),
    sa.bindparam("refund_takes", REFUND_TAKES, sa.Interval),
)


async def lock_person(tx: Tx, customer_id: CustomerId) -> sa.Row | None:
    """Hold a customer's row against everything, an order that is being placed included."""
    held = sa.text("SELECT email_index, stripe_customer_id FROM customer WHERE id = :person FOR UPDATE")
    return (await tx.execute(held.bindparams(sa.bindparam("person", customer_id, sa.Uuid)))).one_or_none()


async def holds(tx: Tx, customer_id: CustomerId) -> Sequence[Held]:
    """What is in the way of erasing somebody now."""
    rows = await tx.execute(_HOLDS, {"person": customer_id})
    return [Held(kind=HoldKind(row.kind), subject=row.subject, until=row.until) for row in rows]


async def begin(
    tx: Tx, customer_id: CustomerId, *, request_id: UUID | None, stripe_customer_id: str | None, now: datetime
) -> bool:
    """Write the record of the person's erasure; False where it was written before."""
    row = {"id": new_id(), "customer_id": customer_id, "request_id": request_id, "begun_at": now}
    made = insert(erasure).values(**row, stripe_customer_id=stripe_customer_id)
    written = await tx.execute(made.on_conflict_do_nothing(index_elements=["customer_id"]))
    return written.rowcount == 1


async def note(tx: Tx, erasure_id: UUID, held: Sequence[Held], *, now: datetime) -> None:
    """Write what is waited for, and that what was waited for before is over."""
    open_ones = {(hold.kind, hold.subject) for hold in held}
    known = sa.select(erasure_wait.c.kind, erasure_wait.c.subject_id)
    rows = await tx.execute(known.where(erasure_wait.c.erasure_id == erasure_id, erasure_wait.c.ended_at.is_(None)))
    for row in rows.all():
        if (row.kind, row.subject_id) not in open_ones:
            mine = (erasure_wait.c.erasure_id == erasure_id) & (erasure_wait.c.subject_id == row.subject_id)
            over = sa.update(erasure_wait).where(mine, erasure_wait.c.kind == row.kind)
            await tx.execute(over.values(ended_at=now))
    for hold in held:
        wait = insert(erasure_wait).values(
            erasure_id=erasure_id,
            kind=hold.kind,
            subject_id=hold.subject,
            found_at=now,
            expected_until=hold.until,
        )
        key = ["erasure_id", "kind", "subject_id"]
        again = {"expected_until": hold.until, "ended_at": None}
        await tx.execute(wait.on_conflict_do_update(index_elements=key, set_=again))


async def end_access(tx: Tx, customer_id: CustomerId) -> None:
    """Close the account at once: no log-in opens it, its address can sign up as somebody new (E66), and nobody counts
    what was bought with it any more (E65)."""
    person = {"person": customer_id}
    for statement in (
        "DELETE FROM session WHERE customer_id = :person",
        "UPDATE customer SET password_hash = '', email_index = uuid_send(gen_random_uuid()) WHERE id = :person",
    ):
        await tx.execute(sa.text(statement).bindparams(sa.bindparam("person", type_=sa.Uuid)), person)
    await forget_pseudonyms(tx, customer_id, *(purpose for purpose in Purpose if purpose.counted))


async def bareness(tx: Tx) -> Bareness:
    """Every column's type and whether it may be without a value."""
    rows = await tx.execute(
        sa.text("""
        SELECT CASE space.nspname WHEN 'public' THEN '' ELSE space.nspname || '.' END || relation.relname AS "table",
               attribute.attname AS "column", format_type(attribute.atttypid, attribute.atttypmod) AS type,
               NOT attribute.attnotnull AS nullable
          FROM pg_attribute AS attribute
          JOIN pg_class AS relation ON relation.oid = attribute.attrelid
          JOIN pg_namespace AS space ON space.oid = relation.relnamespace
         WHERE relation.relkind IN ('r', 'p') AND attribute.attnum > 0 AND NOT attribute.attisdropped
           AND space.nspname IN ('public', 'vault')
        """)
    )
    return {(row.table, row.column): Bare(type=row.type, nullable=row.nullable) for row in rows}


async def empty(tx: Tx, customer_id: CustomerId, held: Sequence[Held]) -> int:
    """Erase everything about a person that no hold keeps; how many rows that touched."""
    touched = 0
    for statement in statements(held, await bareness(tx)):
        bound = sa.text(statement).bindparams(sa.bindparam("person", customer_id, sa.Uuid))
        if ":held" in statement:
            orders = [hold.subject for hold in held if hold.kind is not HoldKind.LEGAL_HOLD]
            bound = bound.bindparams(sa.bindparam("held", orders, ARRAY(sa.Uuid)))
        touched += (await tx.execute(bound)).rowcount
    return touched


async def packages(tx: Tx, customer_id: CustomerId) -> Sequence[UUID]:
    """What was put together for somebody: each has a key of its own."""
    made = sa.text("SELECT id FROM privacy_package WHERE customer_id = :person ORDER BY id")
    return (await tx.execute(made.bindparams(sa.bindparam("person", customer_id, sa.Uuid)))).scalars().all()


async def drop_letters(tx: Tx, customer_id: CustomerId) -> None:
    """What nobody has sent yet is not needed any more: there is nobody to send it to."""
    waiting = "UPDATE mail SET state = 'unneeded' WHERE customer_id = :person AND state = 'waiting'"
    await tx.execute(sa.text(waiting).bindparams(sa.bindparam("person", customer_id, sa.Uuid)))


async def end(tx: Tx, erasure_id: UUID, *, now: datetime) -> None:
    mine = sa.update(erasure).where(erasure.c.id == erasure_id, erasure.c.ended_at.is_(None))
    await tx.execute(mine.values(ended_at=now))


async def unended(tx: Tx, *, limit: int) -> Sequence[CustomerId]:
    """Whose erasure waits for something, the longest first."""
    waiting = sa.select(erasure.c.customer_id).where(erasure.c.ended_at.is_(None))
    found = await tx.execute(waiting.order_by(erasure.c.begun_at).limit(limit))
    return [CustomerId(person) for person in found.scalars()]


async def at_stripe(tx: Tx, erasure_id: UUID) -> str | None:
    """What Stripe still calls somebody who was erased here."""
    return await tx.scalar(sa.select(erasure.c.stripe_customer_id).where(erasure.c.id == erasure_id))


async def forgotten_at_stripe(tx: Tx, erasure_id: UUID, *, now: datetime) -> None:
    mine = sa.update(erasure).where(erasure.c.id == erasure_id)
    await tx.execute(mine.values(stripe_customer_id=None, at_stripe_at=now))


async def place_hold(
    tx: Tx, customer_id: CustomerId, *, ground: str, by: UUID, review_at: datetime, now: datetime
) -> UUID:
    hold = {"id": new_id(), "customer_id": customer_id, "ground": ground, "placed_by": by, "placed_at": now}
    await tx.execute(sa.insert(legal_hold).values(**hold, review_at=review_at))
    return hold["id"]


async def lift_hold(tx: Tx, hold_id: UUID, *, now: datetime) -> CustomerId | None:
    """Whose hold it was; None where there is none to lift."""
    mine = sa.update(legal_hold).where(legal_hold.c.id == hold_id, legal_hold.c.lifted_at.is_(None))
    return await tx.scalar(mine.values(lifted_at=now).returning(legal_hold.c.customer_id))
