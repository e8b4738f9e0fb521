import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from kalecart.analytics.count_habits import count_habits
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.tables import counted_day
from kalecart.consent.honour import honour_signal
from kalecart.consent.record import Choices, record_consents
from kalecart.consent.tables import pseudonym
from kalecart.database import ConstraintBroken
from kalecart.errors import NotYet
from kalecart.privacy.erase import erase_person
from kalecart.privacy.keep_no_longer import keep_no_longer
from kalecart.privacy.subject import Person
from tests.habits import IMPROVE, NOTICE, Habits
from tests.waiting import somebody_waits

MONDAY = date(2026, 11, 2)  # what the clock of the tests begins with


async def days_over(habits: Habits, days: int = 1) -> None:
    """To eleven in the evening of a day to come, and past midnight: in the shop's zone that is 08:00 UTC."""
    habits.door.clock.advance(hours=14.5 + 24 * (days - 1))


async def test_who_agreed_is_counted_once_for_each_product_and_each_day(habits):
    ana = await habits.agrees()
    await habits.buys(ana, "kale", "oats")
    await habits.buys(ana, "kale")
    await days_over(habits)

    assert MONDAY in await habits.counts()
    assert await habits.of(ana) == {"kale": 1, "oats": 1}
    habits.door.clock.advance(hours=1)
    await habits.buys(ana, "kale")
    habits.door.clock.advance(days=1)
    await habits.counts()
    assert await habits.of(ana) == {"kale": 2, "oats": 1}


async def test_who_did_not_agree_or_was_never_asked_leaves_no_trace(habits):
    no = await habits.agrees(given=False)
    await habits.buys(no, "kale")
    await days_over(habits)

    await habits.counts()

    assert await habits.pseudonyms(no) == []
    assert await habits.of(no) == {}


async def test_what_was_bought_before_agreeing_is_not_counted(habits):
    ana = await habits.agrees(given=False)
    await habits.buys(ana, "kale")
    habits.door.clock.advance(hours=1)
    await habits.decides(ana, given=True)
    await habits.buys(ana, "oats")
    await days_over(habits)

    await habits.counts()

    assert await habits.of(ana) == {"oats": 1}


async def test_what_was_never_paid_or_was_cancelled_is_no_habit(habits):
    ana = await habits.agrees()
    await habits.buys(ana, "kale", status="placed", paid=False)
    await habits.buys(ana, "oats", status="cancelled")
    await days_over(habits)

    await habits.counts()

    assert await habits.of(ana) == {}


async def test_a_day_is_counted_only_once_it_is_over_and_has_settled(habits):
    ana = await habits.agrees()
    await habits.buys(ana, "kale")
    habits.door.clock.advance(hours=13.99)

    assert MONDAY not in [job.counted for job in await habits.prepares()]
    habits.door.clock.advance(minutes=11)
    assert MONDAY in [job.counted for job in await habits.prepares()]


async def test_counting_a_day_again_changes_only_what_came_late(habits):
    ana = await habits.agrees()
    bought_at = habits.door.clock.now()
    await habits.buys(ana, "kale")
    await days_over(habits)
    await habits.counts()
    assert await count_habits(MONDAY, None, db=habits.as_analytics, clock=habits.door.clock) == 0

    await habits.buys(ana, "oats", at=bought_at)
    habits.door.clock.advance(days=1)

    looked = await habits.prepares()
    assert (MONDAY, 1) in [(job.counted, job.look) for job in looked]
    assert await count_habits(MONDAY, None, db=habits.as_analytics, clock=habits.door.clock) == 1
    assert await habits.of(ana) == {"kale": 1, "oats": 1}


async def test_after_days_without_any_process_every_missed_day_is_counted_once(habits):
    ana = await habits.agrees()
    for day in range(5):
        await habits.buys(ana, f"day-{day}", at=habits.door.clock.now() + timedelta(days=day))
    habits.door.clock.advance(days=9)

    counted = await habits.counts()

    assert counted.count(MONDAY) == 1
    assert set(await habits.of(ana)) == {f"day-{day}" for day in range(5)}
    assert await habits.prepares() == []


async def test_two_who_prepare_at_once_promise_once_and_give_one_pseudonym(habits):
    ana = await habits.agrees()
    await habits.buys(ana, "kale")
    await days_over(habits)

    await asyncio.gather(habits.prepares(), habits.prepares())

    (given,) = await habits.pseudonyms(ana)
    # It begins with its quarter, which keeps a quarter's habits together in every index; the rest of it is chance.
    assert int.from_bytes(given.bytes[:2]) == Quarter.of(MONDAY).place
    assert len([job for job in await habits._promised() if job.counted == MONDAY]) == 1


async def test_consent_taken_back_in_mid_order_takes_the_habits_along_and_the_order_stays(habits):
    """E45."""
    ana, bea = await habits.agrees(), await habits.agrees()
    for who in (ana, bea):
        await habits.buys(who, "kale")
    await days_over(habits)
    await habits.counts()
    order = await habits.buys(ana, "oats")

    await habits.decides(ana, given=False)

    assert (await habits.of(ana), await habits.pseudonyms(ana)) == ({}, [])
    habits.door.clock.advance(days=1)
    await habits.counts()
    assert (await habits.of(ana), await habits.of(bea)) == ({}, {"kale": 1})
    async with habits.door.db.direct() as pg:
        assert await pg.fetchval("SELECT status FROM customer_order WHERE id = $1", order) == "paid"


async def test_who_agrees_again_begins_anew_under_another_number(habits):
    ana = await habits.agrees()
    await habits.buys(ana, "kale")
    await days_over(habits)
    await habits.counts()
    (before,) = await habits.pseudonyms(ana)
    await habits.decides(ana, given=False)
    await habits.decides(ana, given=True)
    await habits.buys(ana, "oats")
    habits.door.clock.advance(days=1)

    await habits.counts()

    assert await habits.of(ana) == {"oats": 1}
    assert await habits.pseudonyms(ana) != [before]


async def test_a_browsers_signal_ends_it_in_the_same_way(habits):
    ana = await habits.agrees()
    await habits.buys(ana, "kale")
    await days_over(habits)
    await habits.counts()
    habits.door.clock.advance(seconds=1)

    assert IMPROVE in await honour_signal(ana, db=habits.door.db, clock=habits.door.clock)

    assert (await habits.of(ana), await habits.pseudonyms(ana)) == ({}, [])


async def test_somebody_whose_account_is_closing_is_counted_no_longer(habits):
    """E65: from the first step on, not only once the last letter is out."""
    ana = await habits.agrees()
    await habits.buys(ana, "kale")
    await days_over(habits)
    await habits.counts()
    await habits.buys(ana, "oats")

    with pytest.raises(NotYet):
        await erase_person(Person.customer(ana), None, db=habits.door.db, clock=habits.door.clock)

    assert (await habits.of(ana), await habits.pseudonyms(ana)) == ({}, [])
    habits.door.clock.advance(days=1)
    await habits.counts()
    assert (await habits.of(ana), await habits.pseudonyms(ana)) == ({}, [])


async def test_nobody_is_left_with_a_pseudonym_who_takes_consent_back_while_they_are_given(habits):
    ana = await habits.agrees()
    await habits.buys(ana, "kale")
    await days_over(habits)
    choices = Choices(given={IMPROVE: False})

    await asyncio.gather(
        habits.prepares(),
        record_consents(choices, customer_id=ana, db=habits.door.db, clock=habits.door.clock, notice=NOTICE),
    )

    assert await habits.pseudonyms(ana) == []


async def test_who_leaves_while_being_counted_is_left_out_and_the_day_is_counted(habits):
    """Their pseudonym is gone before their habit is written: the count begins again, without them."""
    ana, bea = await habits.agrees(), await habits.agrees()
    for who in (ana, bea):
        await habits.buys(who, "kale")
    await days_over(habits)
    await habits.prepares()

    async with habits.door.db.transaction() as tx:
        await tx.execute(sa.delete(pseudonym).where(pseudonym.c.customer_id == ana))
        counting = asyncio.create_task(count_habits(MONDAY, None, db=habits.as_analytics, clock=habits.door.clock))
        await somebody_waits(habits.door.db)

    assert await counting == 1
    assert (await habits.of(ana), await habits.of(bea)) == ({}, {"kale": 1})
    assert await habits.counted(MONDAY) is not None


async def test_sixty_days_after_its_quarter_nothing_is_left_of_what_was_counted(habits):
    ana = await habits.agrees()
    await habits.buys(ana, "kale")
    await days_over(habits)
    await habits.counts()
    habits.door.clock._now = datetime(2027, 3, 1, 12, tzinfo=UTC)
    await keep_no_longer(None, db=habits.door.db, clock=habits.door.clock)
    assert await habits.of(ana) == {"kale": 1}

    habits.door.clock.advance(days=2)
    await keep_no_longer(None, db=habits.door.db, clock=habits.door.clock)

    assert (await habits.of(ana), await habits.pseudonyms(ana)) == ({}, [])
    assert MONDAY not in await habits.counts()
    assert await habits.pseudonyms(ana) == []


async def test_nobody_reads_an_hours_orders_by_calling_it_a_day(habits):
    row = {"day": MONDAY, "quarter": "2026-Q4", "starts_at": datetime(2026, 11, 2, 17, tzinfo=UTC)}

    with pytest.raises(ConstraintBroken, match="counted_day_is_a_day"):
        async with habits.as_worker.transaction() as tx:
            await tx.execute(sa.insert(counted_day).values(**row, ends_at=datetime(2026, 11, 2, 18, tzinfo=UTC)))


async def test_the_budget_of_the_year_to_come_opens_with_the_last_quarter_for_surveys_that_close_early(habits):
    await habits.counts()

    async with habits.door.db.snapshot() as tx:
        years = await tx.execute(sa.text("SELECT year, count(*) FROM envelope GROUP BY year ORDER BY year"))
        assert [tuple(row) for row in years] == [(2026, 25), (2027, 25)]
