"""All SQL that writes envelopes, questions and answers. The database takes a question's price out of its envelope."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.analytics.answer import Answer
from kalecart.analytics.budget import Envelope, Purse
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import CODE_VERSION, Kind, Question
from kalecart.analytics.tables import envelope, release, release_answer
from kalecart.database import Tx

OVERSPENT: Final = "envelope_never_overspent"
NO_ENVELOPE: Final = "release_envelope_known"
# What is left of an envelope that was closed before anything was paid out of it: less than anything costs.
CLOSED_MICRORHO: Final = 1

_ON_SALE: Final = sa.text("""
    INSERT INTO counted_product (quarter, sku, name, aisle)
    SELECT :quarter, sku, name, aisle FROM product WHERE active
        ON CONFLICT DO NOTHING
""")


async def open_envelopes(tx: Tx, envelopes: Iterable[Envelope]) -> None:
    """Those that are there stay as they are, spent or not."""
    wanted = {each.id: each for each in envelopes}
    there = set(await tx.scalars(sa.select(envelope.c.id).where(envelope.c.id.in_(wanted))))
    rows = [
        {
            "id": each.id,
            "year": each.year,
            "kind": each.kind.value,
            "period": each.period,
            "cap_microrho": each.cap_microrho,
            "renews_on": each.renews_on,
        }
        for each in wanted.values()
        if each.id not in there
    ]
    if rows:
        await tx.execute(insert(envelope).on_conflict_do_nothing(index_elements=["id"]), rows)


async def keep_products(tx: Tx, quarter: Quarter) -> None:
    """What is on sale now is counted for the whole quarter, under the name it had first (E74)."""
    await tx.execute(_ON_SALE, {"quarter": str(quarter)})


async def debit(tx: Tx, question: Question, *, now: datetime, asked_by: UUID | None = None) -> bool:
    """Write the question, and with it the debit; False where it was paid for before.

    The database raises ConstraintBroken: OVERSPENT where the envelope does not hold that much, NO_ENVELOPE.
    """
    row = insert(release).values(
        key=question.key,
        kind=question.kind.value,
        period=question.period,
        question=dict(question.about),
        envelope_id=question.envelope_id,
        microrho=question.microrho,
        delta=question.delta,
        asked_by=asked_by,
        debited_at=now,
        code_version=CODE_VERSION,
    )
    written = await tx.execute(row.on_conflict_do_nothing(index_elements=["key"]).returning(release.c.key))
    return written.scalar_one_or_none() is not None


async def question(tx: Tx, key: str) -> Question | None:
    """A question that was paid for, at the price that was paid."""
    row = (await tx.execute(sa.select(release).where(release.c.key == key))).one_or_none()
    if row is None:
        return None
    return Question(
        key=row.key,
        kind=Kind(row.kind),
        period=row.period,
        envelope_id=row.envelope_id,
        microrho=row.microrho,
        delta=row.delta,
        about=row.question,
    )


async def keep_answer(tx: Tx, key: str, answer: Answer, *, now: datetime) -> Answer:
    """The first answer stays: whoever drew another one gets that."""
    row = insert(release_answer).values(key=key, answer=answer.to_json(), answered_at=now)
    await tx.execute(row.on_conflict_do_nothing(index_elements=["key"]))
    kept = await answer_to(tx, key)
    assert kept is not None
    return kept


async def answer_to(tx: Tx, key: str) -> Answer | None:
    """What was answered, and is answered whenever the same is asked again (E75)."""
    kept = await tx.scalar(sa.select(release_answer.c.answer).where(release_answer.c.key == key))
    return None if kept is None else Answer.from_json(kept)


async def envelopes(tx: Tx) -> Sequence[Envelope]:
    return [envelope_from(row) for row in await tx.execute(sa.select(envelope))]


async def forget_unanswered(tx: Tx) -> set[str]:
    """Take back questions nobody was told an answer to, as the owner; the envelopes that paid for them."""
    answered = sa.exists().where(release_answer.c.key == release.c.key)
    gone = sa.delete(release).where(~answered).returning(release.c.envelope_id, release.c.microrho)
    paid = (await tx.execute(gone)).all()
    for row in paid:
        back = envelope.c.spent_microrho - row.microrho
        await tx.execute(sa.update(envelope).where(envelope.c.id == row.envelope_id).values(spent_microrho=back))
    return {row.envelope_id for row in paid}


async def close(tx: Tx, envelope_ids: Sequence[str]) -> int:
    """Leave nothing in them, as the owner; how many were not closed before. An envelope has a millionth at least."""
    left = sa.func.greatest(envelope.c.spent_microrho, CLOSED_MICRORHO)
    closed = sa.update(envelope).where(envelope.c.id.in_(envelope_ids), envelope.c.cap_microrho > left)
    return (await tx.execute(closed.values(cap_microrho=left))).rowcount


async def envelope_of(tx: Tx, envelope_id: str) -> Envelope | None:
    row = (await tx.execute(sa.select(envelope).where(envelope.c.id == envelope_id))).one_or_none()
    return None if row is None else envelope_from(row)


def envelope_from(row: sa.Row) -> Envelope:
    return Envelope(
        kind=Purse(row.kind),
        period=row.period,
        year=row.year,
        cap_microrho=row.cap_microrho,
        renews_on=row.renews_on,
        spent_microrho=row.spent_microrho,
    )
