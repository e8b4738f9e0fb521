from datetime import timedelta

import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.database import Database
from kalecart.windows.open import open_windows
from kalecart.windows.reads import offered
from kalecart.windows.tables import delivery_window
from kalecart.windows.window import CAPACITY, DAYS_AHEAD, HOURS
from tests.builders import a_window
from tests.clock import FakeClock

A_DAY = len(HOURS)


async def test_a_week_of_windows_is_opened_and_opening_again_adds_nothing(db: Database, clock: FakeClock) -> None:
    first = await open_windows(None, db=db, clock=clock)
    again = await open_windows(None, db=db, clock=clock)

    assert (first, again) == (A_DAY * (DAYS_AHEAD + 1), 0)


async def test_the_next_day_adds_its_own_windows_only(db: Database, clock: FakeClock) -> None:
    await open_windows(None, db=db, clock=clock)
    clock.advance(days=1)

    assert await open_windows(None, db=db, clock=clock) == A_DAY


async def test_opening_again_gives_no_place_back(db: Database, clock: FakeClock) -> None:
    await open_windows(None, db=db, clock=clock)
    async with db.transaction() as tx:
        await tx.execute(sa.update(delivery_window).values(taken=CAPACITY))
    await open_windows(None, db=db, clock=clock)

    async with db.snapshot() as tx:
        assert {window.left for window in await offered(tx, now=clock.now())} == {0}


async def test_a_window_is_offered_until_its_cut_off_and_not_a_moment_longer(db: Database, clock: FakeClock) -> None:
    window = await a_window(db, now=clock.now(), opens_in=2)
    async with db.snapshot() as tx:
        before = await offered(tx, now=clock.now() + timedelta(hours=2) - timedelta(microseconds=1))
        at = await offered(tx, now=clock.now() + timedelta(hours=2))

    assert [offer.id for offer in before] == [window]
    assert at == []


async def test_windows_are_offered_soonest_first_with_the_places_left(db: Database, clock: FakeClock) -> None:
    later = await a_window(db, now=clock.now(), opens_in=48, capacity=3)
    sooner = await a_window(db, now=clock.now(), opens_in=24, capacity=5)

    async with db.snapshot() as tx:
        offers = await offered(tx, now=clock.now())

    assert [(offer.id, offer.left) for offer in offers] == [(sooner, 5), (later, 3)]


async def test_in_the_morning_todays_windows_are_offered_from_three_hours_ahead_on(
    db: Database, clock: FakeClock
) -> None:
    await open_windows(None, db=db, clock=clock)  # ten in the morning, the clock of the tests says

    async with db.snapshot() as tx:
        today = [
            offer
            for offer in await offered(tx, now=clock.now())
            if shop_date(offer.starts_at) == shop_date(clock.now())
        ]

    assert [offer.label for offer in today] == ["2:00–4:00 PM", "4:00–6:00 PM", "6:00–8:00 PM"]
