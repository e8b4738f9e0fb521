"""The grocery that measurements are made of, as small as it gets: what is counted of it is what was bought."""

from datetime import date, timedelta

import asyncpg
from sqlalchemy.engine import make_url

from bench.aggregates import AGREED, Shop, accuracy, count, release, wrong
from bench.grocery import Grocery
from bench.line import Line
from bench.report import lines
from kalecart.analytics.quarter import Quarter
from kalecart.grants import ANALYTICS, WORKER
from tests.habits import as_role

QUARTER = Quarter(year=2026, number=2)
DAY = date(2026, 5, 4)


async def test_a_made_grocery_is_counted_and_released_as_a_shop_is(clone, db):
    pg = await asyncpg.connect(make_url(clone.url()).set(drivername="postgresql").render_as_string(hide_password=False))
    as_worker = as_role(clone, WORKER)
    shop = Shop(
        grocery=Grocery(pg=pg, seed=7, products=50), db=db, as_worker=as_worker, analytics_url=clone.url(ANALYTICS)
    )
    try:
        await shop.grocery.open()
        await shop.grocery.lay_people(first=0, count=1_500, since=AGREED)
        await shop.opens(QUARTER)
        laid = await shop.grocery.lay_days(DAY, days=2, orders=30, lines=10, people=40)
        counted = await count(shop, DAY)

        assert 0 < counted["changed"] < laid
        assert await wrong(shop, QUARTER) == 0

        await pg.execute("DELETE FROM pseudonym; DELETE FROM habit")
        await shop.grocery.lay_habits(QUARTER, first=0, people=1_500, lines=12)
        told = await release(shop, QUARTER)
        near = await accuracy(shop, QUARTER)
    finally:
        await pg.close()
        await as_worker.close()
    assert told["mb"] > 0
    assert (near["people"], near["products"]) == (1_500, 50)
    assert 0 < near["points"] < 8  # at this size the noise itself is 3.4 points
    assert 50 * 0.7 < near["holding"] <= 50
    assert near["each_max"] in (20, 40)


async def test_years_of_orders_are_not_looked_at_to_count_a_day_of_which_statistics_know_nothing(clone, db):
    pg = await asyncpg.connect(make_url(clone.url()).set(drivername="postgresql").render_as_string(hide_password=False))
    as_worker = as_role(clone, WORKER)
    shop = Shop(
        grocery=Grocery(pg=pg, seed=7, products=50), db=db, as_worker=as_worker, analytics_url=clone.url(ANALYTICS)
    )
    try:
        await shop.grocery.open()
        await shop.grocery.lay_people(first=0, count=600, since=AGREED)
        await shop.opens(QUARTER.previous)
        await shop.grocery.lay_days(DAY - timedelta(days=170), days=170, orders=60, lines=5, people=600)
        await shop.grocery.lay_habits(QUARTER.previous, first=0, people=600, lines=5)
        await shop.opens(QUARTER)
        await shop.grocery.lay_days(DAY, days=1, orders=60, lines=5, people=600)
        before = await pg.fetchrow(_BY_CUSTOMER)
        counted = await count(shop, DAY)
        after = await pg.fetchrow(_BY_CUSTOMER)
    finally:
        await pg.close()
        await as_worker.close()
    assert counted["changed"] > 100
    assert after["orders"] == before["orders"]
    assert after["consents"] - before["consents"] < 4 * 60  # of each order of the day, for its pseudonym and its lines


_BY_CUSTOMER = """
    SELECT sum(idx_scan) FILTER (WHERE indexrelname = 'ix_customer_order_customer') AS orders,
           sum(idx_scan) FILTER (WHERE indexrelname = 'ix_consent_latest') AS consents
      FROM pg_stat_user_indexes, pg_stat_clear_snapshot()
"""


def test_the_table_says_what_counting_reached_and_what_it_missed() -> None:
    day = {"lines": [100_000], "seconds": [2.0, 4.0], "median_cpu_s": 2.0, "median_pages": 100, "mb": 90.0}
    figures = {
        "books": {"habits_that_do_not_add_up": 0},
        "p_day": {"past_lines": 10_000_000, "first_year": day, "fifth_year": day | {"median_cpu_s": 2.5}},
        "q_release": {"lines": 1, "people": 1, "products": 400, "seconds": 21.0, "mb": 300.0},
        "r_accuracy": {"people": 2_400, "products": 400, "points": 2.0, "median_points": 0.7, "each_max": 40},
    }

    said: list[Line] = list(lines(figures))

    assert [line.reached for line in said] == [True, False, True, False, True, True, True, True]
    assert "+25%" in said[1].figure
