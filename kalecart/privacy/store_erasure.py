"""All SQL that erases: the holds in the way, the record of an erasure, and the statements the register makes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from kalecart.consent.purpose import Purpose
from kalecart.consent.store import forget_pseudonyms
from kalecart.correspondents import store as correspondents
from kalecart.database import Tx
from kalecart.ids import CorrespondentId, CustomerId, new_id
from kalecart.privacy.erasure import Bare, Bareness, statements
from kalecart.privacy.erasure_tables import erasure, erasure_wait, legal_hold
from kalecart.privacy.hold import (
    DISPUTE_TAKES,
    OPEN_COMPLAINTS,
    POST_RETURN_TAKES,
    REFUND_TAKES,
    RETURN_TAKES,
    Held,
    HoldKind,
)
from kalecart.privacy.store import lock
from kalecart.privacy.subject import Person, PersonKind, person_named

_HOLDS: Final = sa.text(f"""
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
     UNION ALL {OPEN_COMPLAINTS}
""").bindparams(  # noqa: S608  # SQL of our own
    sa.bindparam("person", type_=sa.Uuid),
    sa.bindparam("dispute_takes", DISPUTE_TAKES, sa.Interval),
    sa.bindparam("refund_takes", REFUND_TAKES, sa.Interval),
    sa.bindparam("return_takes", RETURN_TAKES, sa.Interval),
    sa.bindparam("post_return_takes", POST_RETURN_TAKES, sa.Interval),
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
)


_NAMES: Final = tuple(erasure.c[kind.column] for kind in PersonKind)
_FOUND: Final = {
    PersonKind.CUSTOMER: "SELECT stripe_customer_id, true AS may_go FROM customer WHERE id = :person FOR UPDATE",
    PersonKind.CORRESPONDENT: "SELECT NULL AS stripe_customer_id, true AS may_go FROM correspondent WHERE id = :person",
    PersonKind.STAFF: "SELECT NULL AS stripe_customer_id, left_at IS NOT NULL AS may_go FROM staff WHERE id = :person",
}

_LEFT: Final = sa.text("SELECT id FROM staff WHERE email_index = :index AND left_at IS NOT NULL")


async def lock_person(tx: Tx, person: Person) -> sa.Row | None:
    """Hold somebody against everything: an order that is being placed, a letter of theirs that is being written down.

    `may_go` is false for who still works here. None for nobody.
    """
    if person.kind is PersonKind.CORRESPONDENT:
        await correspondents.hold(tx, CorrespondentId(person.id))
    if person.kind is not PersonKind.CUSTOMER:
        await lock(tx, person)
    found = sa.text(_FOUND[person.kind]).bindparams(sa.bindparam("person", person.id, sa.Uuid))
    return (await tx.execute(found)).one_or_none()


async def same_person(tx: Tx, person: Person, *, by_mailbox: bool) -> Sequence[Person]:
    """Everybody that is the same person, beginning with who is given.

    Whoever wrote for two reasons is two correspondents with one address; and who has proved `by_mailbox` that they are
    a customer may have written before they were one, and have worked here. Who still does asks at the console.
    """
    if person.kind is not PersonKind.CORRESPONDENT and not by_mailbox:
        return [person]
    mine = sa.text(f"SELECT email_index FROM {person.kind} WHERE id = :person")  # noqa: S608  # a name of our own
    index = await tx.scalar(mine.bindparams(sa.bindparam("person", person.id, sa.Uuid)))
    left = await tx.scalars(_LEFT, {"index": index})
    others = [
        *(Person.correspondent(each) for each in await correspondents.with_address(tx, index)),
        *(Person.staff(each) for each in left),
    ]
    return [person, *(other for other in others if other != person)]


async def holds(tx: Tx, person_id: UUID, *, now: datetime) -> Sequence[Held]:
    """What is in the way of erasing somebody now."""
    rows = await tx.execute(_HOLDS, {"person": person_id, "now": now})
    return [Held(kind=HoldKind(row.kind), subject=row.subject, until=row.until) for row in rows]


async def begin(
    tx: Tx, person: Person, *, request_id: UUID | None, stripe_customer_id: str | None, now: datetime
) -> bool:
    """Write the record of the person's erasure; False where it was written before."""
    row = {"id": new_id(), "request_id": request_id, "begun_at": now, **person.named}
    made = insert(erasure).values(**row, stripe_customer_id=stripe_customer_id)
    written = await tx.execute(made.on_conflict_do_nothing(index_elements=[person.kind.column]))
    return written.rowcount == 1


async def note(tx: Tx, erasure_id: UUID, held: Sequence[Held], *, now: datetime) -> None:
    """Write what is waited for, and that what was waited for before is over. A complaint says so by itself."""
    held = [hold for hold in held if hold.kind is not HoldKind.OPEN_COMPLAINT]
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


_UNFOUND: Final = "email_index = uuid_send(gen_random_uuid()) WHERE id = :person"
_CLOSING: Final = {
    PersonKind.CUSTOMER: (
        "DELETE FROM session WHERE customer_id = :person",
        f"UPDATE customer SET password_hash = '', {_UNFOUND}",  # noqa: S608  # names of our own
    ),
    PersonKind.CORRESPONDENT: (f"UPDATE correspondent SET {_UNFOUND}",),  # noqa: S608
    PersonKind.STAFF: (
        "DELETE FROM staff_session WHERE staff_id = :person",
        # An older copy of the shop may not know yet that they left.
        f"UPDATE staff SET left_at = coalesce(left_at, :now), password_hash = '', {_UNFOUND}",  # noqa: S608
    ),
}


async def end_access(tx: Tx, person: Person, *, now: datetime) -> None:
    """Close the account at once: no log-in opens it, its address is free for somebody new (E66), and nobody counts
    what was bought with it any more (E65)."""
    for statement in _CLOSING[person.kind]:
        bound = sa.text(statement).bindparams(sa.bindparam("person", person.id, sa.Uuid))
        moment = sa.bindparam("now", now, sa.DateTime(timezone=True))
        await tx.execute(bound.bindparams(moment) if ":now" in statement else bound)
    if person.kind is PersonKind.CUSTOMER:
        counted = (purpose for purpose in Purpose if purpose.counted)
        await forget_pseudonyms(tx, CustomerId(person.id), *counted)


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


async def empty(tx: Tx, person: Person, held: Sequence[Held]) -> int:
    """Erase everything about a person that no hold keeps; how many rows that touched."""
    touched = 0
    for statement in statements(held, await bareness(tx), person=person.kind):
        bound = sa.text(statement).bindparams(sa.bindparam("person", person.id, sa.Uuid))
        if ":held" in statement:
            subjects = [hold.subject for hold in held if hold.kind is not HoldKind.LEGAL_HOLD]
            bound = bound.bindparams(sa.bindparam("held", subjects, ARRAY(sa.Uuid)))
        touched += (await tx.execute(bound)).rowcount
    return touched


async def packages(tx: Tx, person: Person) -> Sequence[UUID]:
    """What was put together for somebody: each has a key of its own."""
    made = sa.text(f"SELECT id FROM privacy_package WHERE {person.kind.column} = :person ORDER BY id")  # noqa: S608  # a name of our own
    return (await tx.execute(made.bindparams(sa.bindparam("person", person.id, sa.Uuid)))).scalars().all()


async def drop_letters(tx: Tx, person: Person) -> None:
    """What nobody has sent yet is not needed any more: there is nobody to send it to."""
    waiting = f"UPDATE mail SET state = 'unneeded' WHERE {person.kind.column} = :person AND state = 'waiting'"  # noqa: S608  # the same
    await tx.execute(sa.text(waiting).bindparams(sa.bindparam("person", person.id, sa.Uuid)))


async def end(tx: Tx, erasure_id: UUID, *, now: datetime) -> None:
    mine = sa.update(erasure).where(erasure.c.id == erasure_id, erasure.c.ended_at.is_(None))
    await tx.execute(mine.values(ended_at=now))


async def begun_with(tx: Tx, person: Person) -> Sequence[Person]:
    """Whose erasure was begun by the same request: the same person under another number."""
    asked = sa.select(erasure.c.request_id).where(erasure.c[person.kind.column] == person.id).scalar_subquery()
    found = await tx.execute(sa.select(*_NAMES).where(erasure.c.request_id == asked))
    others = [other for row in found if (other := person_named(row._asdict())) and other != person]
    return [person, *others]


async def unended(tx: Tx, *, limit: int) -> Sequence[Person]:
    """Whose erasure waits for something, the longest first."""
    waiting = sa.select(*_NAMES).where(erasure.c.ended_at.is_(None))
    found = await tx.execute(waiting.order_by(erasure.c.begun_at).limit(limit))
    return [person for row in found if (person := person_named(row._asdict()))]


async def at_stripe(tx: Tx, erasure_id: UUID) -> sa.Row | None:
    """Who was erased here, and what Stripe calls them; None where Stripe knows them no longer."""
    columns = (erasure.c.customer_id, erasure.c.stripe_customer_id)
    still = (erasure.c.id == erasure_id) & erasure.c.stripe_customer_id.is_not(None)
    return (await tx.execute(sa.select(*columns).where(still))).one_or_none()


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
