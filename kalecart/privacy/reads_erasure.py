"""How far an erasure is, for its certificate, for pages of staff, and for whoever waits for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.privacy.erasure import ErasureView
from kalecart.privacy.erasure_tables import erasure, erasure_wait, legal_hold
from kalecart.privacy.hold import OPEN_COMPLAINTS, POST_RETURN_TAKES, RETURN_TAKES, Held, HoldKind, LegalHold
from kalecart.privacy.retention import BOOKS
from kalecart.privacy.subject import PersonKind, person_named


async def erasure_of(tx: Tx, person_id: UUID) -> ErasureView | None:
    """None for whoever was never asked to be erased."""
    return await _view(tx, sa.or_(*(erasure.c[kind.column] == person_id for kind in PersonKind)))


async def certificate(tx: Tx, erasure_id: UUID) -> ErasureView | None:
    """By the number in the letter, which only its reader knows. Holds nothing of the person."""
    return await _view(tx, erasure.c.id == erasure_id)


async def _view(tx: Tx, which: sa.ColumnElement[bool]) -> ErasureView | None:
    row = (await tx.execute(sa.select(erasure).where(which))).one_or_none()
    person = person_named(row._asdict()) if row else None
    if row is None or person is None:
        return None
    last = sa.text("SELECT max(placed_at) FROM customer_order WHERE customer_id = :person")
    ordered_at = await tx.scalar(last.bindparams(sa.bindparam("person", person.id, sa.Uuid)))
    waits = sa.select(erasure_wait).where(erasure_wait.c.erasure_id == row.id, erasure_wait.c.ended_at.is_(None))
    found = await tx.execute(waits.order_by(erasure_wait.c.expected_until, erasure_wait.c.subject_id))
    return ErasureView(
        id=row.id,
        person=person,
        request_id=row.request_id,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        at_stripe_at=row.at_stripe_at,
        books_until=max(ordered_at or row.begun_at, row.ended_at or row.begun_at) + BOOKS,
        ordered=ordered_at is not None,
        held=[
            *(Held(kind=HoldKind(w.kind), subject=w.subject_id, until=w.expected_until) for w in found),
            *(await _open_complaints(tx, person.id, row.begun_at) if row.ended_at is None else ()),
        ],
    )


_COMPLAINTS: Final = sa.text(OPEN_COMPLAINTS).bindparams(
    sa.bindparam("person", type_=sa.Uuid),
    sa.bindparam("return_takes", RETURN_TAKES, sa.Interval),
    sa.bindparam("post_return_takes", POST_RETURN_TAKES, sa.Interval),
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
)


async def _open_complaints(tx: Tx, person_id: UUID, begun_at: datetime) -> Sequence[Held]:
    """What the erasure found open, or whose answer has only just gone out."""
    rows = await tx.execute(_COMPLAINTS, {"person": person_id, "now": begun_at})
    return [Held(kind=HoldKind(row.kind), subject=row.subject, until=row.until) for row in rows]


async def letter_is_out(tx: Tx, erasure_id: UUID, *, now: datetime, wait: timedelta) -> bool:
    """Whether the letter about an erasure was sent or never will be, or has been waited for long enough."""
    asked = sa.text("""
        SELECT erasure.begun_at < :since OR EXISTS (
            SELECT FROM mail WHERE mail.kind = 'erasure'
               AND mail.subject_id = coalesce(erasure.customer_id, erasure.correspondent_id, erasure.staff_id)
               AND mail.occasion = erasure.id::text AND mail.state NOT IN ('waiting', 'sending'))
          FROM erasure WHERE erasure.id = :erasure
    """).bindparams(
        sa.bindparam("erasure", erasure_id, sa.Uuid), sa.bindparam("since", now - wait, sa.DateTime(timezone=True))
    )
    return bool(await tx.scalar(asked))


async def legal_holds(tx: Tx, *, limit: int) -> Sequence[LegalHold]:
    """Those that are on first, then the latest."""
    order = (legal_hold.c.lifted_at.is_not(None), legal_hold.c.placed_at.desc(), legal_hold.c.id)
    rows = (await tx.execute(sa.select(legal_hold).order_by(*order).limit(limit))).mappings()
    return [LegalHold(**row) for row in rows]
