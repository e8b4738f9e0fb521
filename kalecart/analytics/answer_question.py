"""Answer a question once and for all: pay, count, draw, keep. The same question is answered by what was kept.

The debit is committed before anything is counted and is never given back: whoever dies in between has cost the shop a
part of its budget, and nobody a part of their privacy. Fresh noise for every try would average out, so the first answer
that is kept is the answer, whoever else drew another one meanwhile.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kalecart.analytics import noise, reads_habits, store_releases
from kalecart.analytics.answer import Answer, Key
from kalecart.analytics.question import Question
from kalecart.clock import Clock
from kalecart.database import ConstraintBroken, Database, Tx
from kalecart.errors import Refused
from kalecart.steps import step


class Forgotten(Refused):
    """What people bought in that quarter is deleted by now."""


class EnvelopeClosed(Refused):
    """This may have been told before a restore."""


Counting = Callable[[Tx], Awaitable[Mapping[Key, int]]]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a question counts. `keys` are known before anybody is looked at; `count` may leave out any with none.

    One person changes at most `each_max` of the counts, each by at most one. What is counted is deleted at `until`:
    habits 60 days after their quarter.
    """

    keys: Sequence[Key]
    each_max: int
    count: Counting
    until: datetime | None = None


async def answer_question(
    question: Question,
    counted: Counted,
    *,
    db: Database,
    clock: Clock,
    of_year: tuple[float, float] = (0.0, 0.0),
) -> Answer:
    """The answer that stands. `of_year` is kept beside it: epsilon and delta. Raises ConstraintBroken where nobody has
    paid and the envelope does not hold the price, EnvelopeClosed where a restore is why, and Forgotten where there is
    nothing left to count.
    """
    paid, kept = await pay(question, db=db, clock=clock)
    if kept is not None:
        return kept
    if clock.now() >= (counted.until or question.quarter.counted_until()):
        raise Forgotten(question.key)
    mechanism = noise.gaussian(microrho=paid.microrho, size=len(counted.keys), each_max=counted.each_max)
    async with db.snapshot() as tx:
        await reads_habits.make_room(tx)
        found = await counted.count(tx)
    step("release.counted")
    answer = Answer(
        keys=counted.keys,
        counts=mechanism.draw([found.get(key, 0) for key in counted.keys]),
        scale=mechanism.scale,
        within=mechanism.within,
        within_both=mechanism.within_both,
        each_max=counted.each_max,
        year_epsilon=of_year[0],
        year_delta=of_year[1],
    )
    return await keep(question, answer, db=db, clock=clock)


async def pay(question: Question, *, db: Database, clock: Clock) -> tuple[Question, Answer | None]:
    """Debit it where nobody has. The question at the price that was paid, and the answer where there is one already."""
    await debit([question], db=db, clock=clock)
    step("release.debited")
    async with db.snapshot() as tx:
        paid = await store_releases.question(tx, question.key)
        assert paid is not None
        return paid, await store_releases.answer_to(tx, question.key)


async def debit(asked: Sequence[Question], *, db: Database, clock: Clock) -> None:
    """All of them or none, those that nobody has paid for. Raises ConstraintBroken and EnvelopeClosed."""
    try:
        async with db.transaction() as tx:
            for question in asked:
                await store_releases.debit(tx, question, now=clock.now())
    except ConstraintBroken as error:
        if error.constraint == store_releases.OVERSPENT:
            async with db.snapshot() as tx:
                envelope = await store_releases.envelope_of(tx, asked[0].envelope_id)
            if envelope is not None and envelope.closed:
                raise EnvelopeClosed(envelope.id) from None
        raise


async def keep(question: Question, answer: Answer, *, db: Database, clock: Clock) -> Answer:
    """The first one stays, and is what everybody is told."""
    step("release.drawn")
    async with db.transaction() as tx:
        kept = await store_releases.keep_answer(tx, question.key, answer, now=clock.now())
    step("release.answered")
    return kept
