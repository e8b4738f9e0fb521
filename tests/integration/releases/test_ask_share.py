"""What staff ask about one product: paid for once, answered once, and never more than the budget holds."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from kalecart import tasks
from kalecart.analytics import reads
from kalecart.analytics.answer_share import answer_share
from kalecart.analytics.ask_share import Asked, CountedNoMore, CountedNotYet, TooFew, ask_share
from kalecart.analytics.budget import BudgetSpent, UnusablePrice
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import Kind
from kalecart.errors import NotFound, Unavailable
from kalecart.figures.reads import exceptions
from kalecart.grants import ANALYTICS, WEB
from kalecart.ids import new_id
from kalecart.jobs import AnswerShare
from kalecart.staff.member import RoleForbids
from kalecart.staff.rights import Role
from tests.server import Clone
from tests.told import QUARTER, Shop

SKUS = tuple(f"sku-{number:02}" for number in range(40))
PEOPLE = 500


async def opened(shop: Shop, people: int = PEOPLE) -> None:
    await shop.sells(*SKUS)
    await shop.sold([{SKUS[0], SKUS[number % 40]} for number in range(people)])
    await shop.releases()
    await shop.opens(QUARTER.next)


async def asks(shop: Shop, sku: str, quarter: Quarter = QUARTER) -> Asked:
    return await ask_share(quarter, sku, by=shop.member, db=shop.web, clock=shop.clock)


async def answer(shop: Shop, key: str) -> reads.Released:
    await answer_share(key, None, db=shop.counting, clock=shop.clock)
    async with shop.web.snapshot() as tx:
        told = await reads.released(tx, key)
    assert told is not None
    return told


async def test_the_same_percentage_asked_twice_is_the_same_number_at_no_cost(shop: Shop) -> None:
    """E75: by hand, by a retry, and by the worker who is told twice."""
    await opened(shop)
    first = await asks(shop, SKUS[0])
    told = await answer(shop, first.key)

    again = await asks(shop, SKUS[0])

    assert (first.anew, again.anew, again.key) == (True, False, first.key)
    assert await answer(shop, again.key) == told
    assert told.answer is not None
    assert abs(told.answer.counts[0] - PEOPLE) < 6 * 10
    assert (told.kind, told.asked_by, told.microrho) == (Kind.SHARE, shop.manager, 5_000)
    assert (await shop.debits())["question:2027"] == 5_000
    async with shop.web.snapshot() as tx:
        figures = await reads.figures_of(tx, QUARTER)
    assert figures is not None
    assert [figure.names for figure in figures.asked] == [("Sku-00",)]


async def test_the_worker_who_counts_claims_the_question_answers_it_and_is_done(shop: Shop) -> None:
    await opened(shop)
    asked = await asks(shop, SKUS[0])
    assert asked.hint is not None

    async with shop.counting.direct() as pg:
        held = await tasks.claim(pg, asked.hint.id, now=shop.clock.now())
    assert held is not None
    job = AnswerShare.parse(held.arguments)
    await answer_share(job.question, held, db=shop.counting, clock=shop.clock)

    assert held.finished
    assert (await shop.asks("SELECT key FROM release_answer WHERE key LIKE 'share:%'"))[0].key == asked.key


async def test_the_ninth_question_of_a_year_is_refused_with_the_day_the_budget_renews(shop: Shop) -> None:
    """E76."""
    await opened(shop)
    for sku in SKUS[:8]:
        await asks(shop, sku)

    with pytest.raises(BudgetSpent) as refused:
        await asks(shop, SKUS[8])

    assert refused.value.members["renews_on"] == "2028-01-01"
    assert "2028-01-01" in refused.value.detail
    assert not (await asks(shop, SKUS[3])).anew


async def test_what_is_no_price_or_more_than_there_is_is_refused_with_the_day_the_budget_renews(
    shop: Shop,
) -> None:
    await opened(shop)

    for rho in (0.0, -0.005, float("nan"), float("inf"), 0.040001):
        with pytest.raises((UnusablePrice, BudgetSpent)) as refused:
            await ask_share(QUARTER, SKUS[0], by=shop.member, db=shop.web, clock=shop.clock, rho=rho)
        assert refused.value.members["renews_on"] == "2028-01-01"

    assert "question:2027" not in await shop.debits()


async def test_forty_who_ask_at_once_never_spend_more_than_there_is(shop: Shop) -> None:
    await opened(shop)

    said: list[Asked | BaseException] = [Unavailable()] * len(SKUS)
    async with asyncio.timeout(120):
        while any(isinstance(each, Unavailable) for each in said):  # a busy machine has no connection for them in time
            waiting = [sku for sku, each in zip(SKUS, said, strict=True) if isinstance(each, Unavailable)]
            later = iter(await asyncio.gather(*(asks(shop, sku) for sku in waiting), return_exceptions=True))
            said = [next(later) if isinstance(each, Unavailable) else each for each in said]

    assert sum(isinstance(each, Asked) for each in said) == 8
    assert sum(isinstance(each, BudgetSpent) for each in said) == 32
    assert (await shop.debits())["question:2027"] == 40_000
    (promised,) = await shop.asks("SELECT count(*) AS answers FROM task WHERE topic = 'answer_share'")
    assert promised.answers == 8


async def test_ten_who_ask_the_same_at_once_pay_for_one_question(shop: Shop) -> None:
    await opened(shop)

    said = await asyncio.gather(*(asks(shop, SKUS[0]) for _ in range(10)))
    told = await asyncio.gather(*(answer(shop, said[0].key) for _ in range(4)))

    assert sum(each.anew for each in said) == 1
    assert (await shop.debits())["question:2027"] == 5_000
    assert len({str(each.answer) for each in told}) == 1


async def test_too_few_people_are_too_few_to_say(shop: Shop) -> None:
    """E77."""
    await opened(shop, people=200)

    with pytest.raises(TooFew):
        await asks(shop, SKUS[0])

    assert "question:2027" not in await shop.debits()


async def test_what_cannot_be_answered_is_refused_before_it_is_paid_for(shop: Shop) -> None:
    await opened(shop)

    with pytest.raises(NotFound):
        await asks(shop, "never-sold")
    with pytest.raises(CountedNotYet):
        await asks(shop, SKUS[0], QUARTER.next)
    shop.clock.advance(days=58)
    with pytest.raises(CountedNoMore):
        await asks(shop, SKUS[0])

    assert "question:2027" not in await shop.debits()


async def test_a_question_of_no_known_kind_that_a_log_in_wrote_by_itself_breaks_no_page(shop: Shop) -> None:
    await opened(shop)
    written = sa.text("""
        INSERT INTO release (key, kind, period, question, envelope_id, microrho, debited_at, code_version)
        VALUES ('x', 'bogus', '2026-Q4', '{}', 'question:2027', 1, now(), '1')
    """)
    async with shop.web.transaction() as tx:
        await tx.execute(written)

    async with shop.web.snapshot() as tx:
        assert "x" not in {line.key for line in await reads.ledger(tx)}
        assert (await exceptions(tx, now=shop.clock.now()))["releases paid out of another budget than their own"] == 1


async def test_who_may_not_ask_neither_asks_nor_pays(shop: Shop) -> None:
    await opened(shop)

    with pytest.raises(RoleForbids):
        by = replace(shop.member, role=Role.PRIVACY)
        await ask_share(QUARTER, SKUS[0], by=by, db=shop.web, clock=shop.clock)

    assert "question:2027" not in await shop.debits()


async def test_no_log_in_can_take_from_an_envelope_give_back_or_take_more_than_it_holds(
    shop: Shop, clone: Clone
) -> None:
    """Whatever the code forgot: the database itself takes the price of a question, and nobody else touches it."""
    await opened(shop)
    question = (
        "INSERT INTO release (key, kind, period, question, envelope_id, microrho, debited_at, code_version)"
        f" VALUES ('{new_id()}', 'share', '2026-Q4', 'null', 'question:2027', {{cost}}, now(), '1')"
    )
    for role in (WEB, ANALYTICS):
        url = make_url(clone.url(role)).set(drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        for cost in (40_001, 0, -5_000):
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute(question.format(cost=cost))
        for attempt in (
            "UPDATE envelope SET spent_microrho = 0",
            "UPDATE envelope SET cap_microrho = 1000000",
            "INSERT INTO envelope VALUES ('question:2028', 2028, 'question', '2028', 1, 0, '2029-01-01')",
            "UPDATE release SET microrho = 1",
            "UPDATE release_answer SET answer = '{}'",
            "DELETE FROM release_answer",
            "SELECT debit_envelope()",
        ):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.FeatureNotSupportedError)):
                await connection.execute(attempt)
        await connection.close()


@pytest.mark.parametrize(
    "row",
    [
        "('products:2026-Q5', 2026, 'products', '2026-Q5', 40000, 0, '2027-01-01')",
        "('products:2030-Q1', 2030, 'products', '2030-Q1', 40001, 0, '2030-04-01')",
        "('question:2030', 2030, 'question', '2030-Q1', 40000, 0, '2031-01-01')",
        "('more:2030', 2030, 'more', '2030', 1, 0, '2031-01-01')",
        "('another', 2030, 'question', '2030', 40000, 0, '2031-01-01')",
        "('question:2030', 2030, 'question', '2030', 40000, -1, '2031-01-01')",
    ],
)
async def test_no_envelope_is_larger_than_its_kind_allows_or_there_twice(clone: Clone, row: str) -> None:
    url = make_url(clone.url()).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))

    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(f"INSERT INTO envelope VALUES {row}")

    await connection.close()
