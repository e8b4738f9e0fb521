"""Release what may be told of a quarter whose days are all counted (C6).

First how many people there are, then what the rules allow for so many. What is told of how many products people buy
says of how many of them one person counts. Each question is paid for, answered and kept by
itself, so whoever dies anywhere in between is followed by somebody who goes on from there.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import combinations
from typing import Final

import structlog

from kalecart import tasks
from kalecart.analytics import breadth, noise, reads_habits
from kalecart.analytics import question as questions
from kalecart.analytics.answer import Answer, Key
from kalecart.analytics.answer_question import Counted, EnvelopeClosed, answer_question
from kalecart.analytics.budget import QUARTERLY, TYPED_DELTA, WORDS_DELTA, YEARLY_MICRORHO, Purse
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import PAIRED_PRODUCTS, PAIRS_EACH_MAX
from kalecart.analytics.rules import Told, size_of, told_of
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import NotYet

LOOK_AGAIN: Final = timedelta(hours=1)

log = structlog.get_logger()


class DaysUncounted(NotYet):
    """Some days of that quarter are not counted yet."""


async def release_quarter(quarter: Quarter, held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """Doing it again tells the same and costs nothing; what a restore closed is not told. Raises DaysUncounted."""
    async with db.snapshot() as tx:
        if not await reads_habits.all_counted(tx, quarter):
            raise DaysUncounted(str(quarter), after=clock.now() + LOOK_AGAIN)
        skus = await reads_habits.skus_of(tx, quarter)
        aisles = await reads_habits.aisles_of(tx, quarter)
    release = _Release(quarter, skus, aisles, db, clock)
    try:
        people = await release.count()
        for what in told_of(size_of(people.counts[0]), quarter) if skus else ():
            await release.tell(what)
    except EnvelopeClosed:
        log.warning("not_told_again", kind="quarter")
    async with db.transaction() as tx:
        await tasks.finish(tx, held, now=clock.now())


class _Release:
    """One quarter's questions."""

    def __init__(
        self, quarter: Quarter, skus: Sequence[str], aisles: Sequence[str], db: Database, clock: Clock
    ) -> None:
        self._quarter, self._skus, self._aisles = quarter, skus, aisles
        self._answer = partial(answer_question, db=db, clock=clock)
        self._each_max: int | None = None

    async def count(self) -> Answer:
        counted = Counted(keys=[("people",)], each_max=1, count=lambda tx: reads_habits.people(tx, self._quarter))
        delta = WORDS_DELTA + 4 * TYPED_DELTA
        epsilon = noise.epsilon_of(YEARLY_MICRORHO, delta=WORDS_DELTA)
        return await self._answer(questions.count(self._quarter), counted, of_year=(epsilon, delta))

    async def tell(self, what: Told) -> None:
        if what is Told.BREADTH:
            await self._bound()
        elif what is Told.PRODUCTS:
            await self._products()
        elif what is Told.BASKETS:
            # Among what was told to be bought by most: that is no further look at anybody.
            told = await self._products()
            if len(told.keys) > 1:
                await self._tell(what, self._baskets(_most_bought(told)))
        else:
            await self._tell(what, self._of_aisles())

    async def _tell(self, what: Told, counted: Counted) -> None:
        await self._answer(questions.told(what, self._quarter), counted)

    async def _bound(self) -> int:
        """In how many products one person counts: by what is told of everybody's breadth, and by nothing else."""
        if self._each_max is None:
            steps = Counted(keys=breadth.KEYS, each_max=1, count=lambda tx: reads_habits.breadth(tx, self._quarter))
            told = await self._answer(questions.told(Told.BREADTH, self._quarter), steps)
            price = QUARTERLY[Purse.PRODUCTS]
            self._each_max = breadth.bound_of(told, products=len(self._skus), microrho=price)
        return self._each_max

    async def _products(self) -> Answer:
        each_max = await self._bound()
        counted = Counted(
            keys=[(sku,) for sku in self._skus],
            each_max=each_max,
            count=lambda tx: reads_habits.products(tx, self._quarter, each_max),
        )
        return await self._answer(questions.products(self._quarter, each_max=each_max), counted)

    def _of_aisles(self) -> Counted:
        keys: list[Key] = [(aisle,) for aisle in self._aisles]
        return Counted(
            keys=keys,
            each_max=len(keys),
            count=lambda tx: reads_habits.aisles(tx, self._quarter, self._aisles),
        )

    def _baskets(self, skus: Sequence[str]) -> Counted:
        keys: list[Key] = list(combinations(skus, 2))
        return Counted(
            keys=keys,
            each_max=min(PAIRS_EACH_MAX, len(keys)),
            count=lambda tx: reads_habits.baskets(tx, self._quarter, skus),
        )


def _most_bought(told: Answer) -> Sequence[str]:
    ordered = sorted(zip(told.counts, told.keys, strict=True), key=lambda each: (-each[0], each[1]))
    return sorted(key[0] for _, key in ordered[:PAIRED_PRODUCTS])
