"""Quarters as a release leaves them, with counts that tests know."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from kalecart.analytics import question as questions
from kalecart.analytics import store_releases
from kalecart.analytics.answer import Answer, Key
from kalecart.analytics.breadth import KEYS
from kalecart.analytics.budget import envelopes_of
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import Question, SurveyQuestion
from kalecart.analytics.rules import Told
from kalecart.analytics.tables import counted_product
from kalecart.catalogue.tables import product
from kalecart.database import Database, Tx
from kalecart.ids import new_id
from tests.builders import a_product

QUARTER = Quarter(year=2026, number=3)
# Of 2,400 people: shown, shown, rare.
BOUGHT = {"kale": 1040, "soap": 610, "yeast": 8}
BREADTH = (1620, 761, 12, -4, 9, 3)
AISLES = {"Vegetables": 1680, "Household": 700}


async def a_released_quarter(
    db: Database,
    *,
    now: datetime,
    quarter: Quarter = QUARTER,
    people: int = 2400,
    bought: Mapping[str, int] | None = None,
) -> None:
    """Its count, products, aisles, and one pair; of few people the count alone."""
    products = BOUGHT if bought is None else bought
    await _on_sale(db, products)
    async with db.transaction() as tx:
        await store_releases.open_envelopes(tx, envelopes_of(quarter.year))
        await _told(tx, questions.count(quarter), {("people",): people}, within=33, now=now)
        if products:
            rows = [{"quarter": str(quarter), "sku": sku, "name": f"{sku.title()} & co"} for sku in products]
            await tx.execute(sa.insert(counted_product).values(aisle="Vegetables"), rows)
            of_breadth = dict(zip(KEYS, BREADTH, strict=True))
            await _told(tx, questions.told(Told.BREADTH, quarter), of_breadth, within=36, now=now)
            of_products = {(sku,): count for sku, count in products.items()}
            await _told(tx, questions.products(quarter, each_max=40), of_products, within=51, now=now)
            of_aisles = {(aisle,): count for aisle, count in AISLES.items()}
            await _told(tx, questions.told(Told.AISLES, quarter), of_aisles, within=50, now=now)
            first, second, *_ = products
            pair: Mapping[Key, int] = {(first, second): 380}
            await _told(tx, questions.told(Told.BASKETS, quarter), pair, within=48, now=now)


async def a_released_survey(db: Database, *, now: datetime, quarter: Quarter = QUARTER) -> str:
    """One question with two choices; its key."""
    asked = SurveyQuestion(id=new_id(), title="Kitchens", words="Do you cook on weekdays?", answered="choice")
    (question,) = questions.survey(new_id(), [asked], quarter=quarter)
    async with db.transaction() as tx:
        await store_releases.open_envelopes(tx, envelopes_of(quarter.year))
        await _told(tx, question, {("Yes",): 1200, ("No",): 600}, within=23, now=now)
    return question.key


async def _on_sale(db: Database, skus: Iterable[str]) -> None:
    async with db.snapshot() as tx:
        there = set((await tx.execute(sa.select(product.c.sku))).scalars())
    for sku in skus:
        if sku not in there:
            await a_product(db, sku)


async def _told(tx: Tx, question: Question, counts: Mapping[Key, int], *, within: int, now: datetime) -> None:
    answer = Answer(
        keys=tuple(counts),
        counts=tuple(counts.values()),
        scale=within / 2.24,
        within=within,
        within_both=within + within // 10,
        each_max=40,
        year_epsilon=3.81,
        year_delta=1.4e-6,
    )
    assert await store_releases.debit(tx, question, now=now)
    await store_releases.keep_answer(tx, question.key, answer, now=now)
