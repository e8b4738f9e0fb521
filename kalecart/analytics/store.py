"""All SQL that writes what is counted."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.analytics.quarter import Day, Quarter, begins
from kalecart.analytics.tables import counted_day
from kalecart.database import Tx


async def add_days(tx: Tx, quarter: Quarter) -> None:
    """The days of a quarter, each from midnight to midnight in the shop's zone; those that are there stay."""
    there = set(await tx.scalars(sa.select(counted_day.c.day).where(counted_day.c.quarter == str(quarter))))
    rows = [
        {
            "day": day,
            "quarter": str(quarter),
            "starts_at": begins(day),
            "ends_at": begins(_after(day)),
        }
        for day in quarter.days()
        if day not in there
    ]
    if rows:
        await tx.execute(insert(counted_day).on_conflict_do_nothing(index_elements=["day"]), rows)


async def days_of(tx: Tx, quarters: Sequence[Quarter]) -> Sequence[Day]:
    """All of them, in order."""
    columns = (counted_day.c.day, counted_day.c.ends_at, counted_day.c.counted_at)
    asked = sa.select(*columns).where(counted_day.c.quarter.in_([str(quarter) for quarter in quarters]))
    return [Day(**row) for row in (await tx.execute(asked.order_by(counted_day.c.day))).mappings()]


# Only who agrees now and did when they ordered, and whose account nobody is closing. A pseudonym is chance but for its
# first two bytes, which are the quarter's number: a day's habits are then neighbours in every index, whatever there is
# of other quarters.
_PSEUDONYMS: Final = sa.text("""
    INSERT INTO pseudonym (id, customer_id, purpose, period, made_at)
    SELECT overlay(gen_random_uuid()::text PLACING :place FROM 1 FOR 4)::uuid, buyer.customer_id, 'improve_service',
           :quarter, :now
      FROM (SELECT DISTINCT customer_order.customer_id
              FROM customer_order
             WHERE customer_order.paid_at >= :starts_at AND customer_order.paid_at < :ends_at
               AND customer_order.status IN ('paid', 'picking', 'fulfilled')
               AND (SELECT consent.decision = 'given' AND consent.decided_at <= customer_order.placed_at
                      FROM consent
                     WHERE consent.customer_id = customer_order.customer_id AND consent.purpose = 'improve_service'
                     ORDER BY consent.decided_at DESC, consent.decision DESC
                     LIMIT 1)) AS buyer
     WHERE NOT EXISTS (SELECT FROM erasure WHERE erasure.customer_id = buyer.customer_id)
        ON CONFLICT (customer_id, purpose, period) DO NOTHING
""").bindparams(*(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("now", "starts_at", "ends_at")))


async def give_pseudonyms(tx: Tx, day: date, *, now: datetime) -> int:
    """To everybody who bought on a day, agreed to be counted, and has none for the quarter; how many those are.

    The caller holds the pseudonyms (`consent.store.hold_pseudonyms`).
    """
    quarter = Quarter.of(day)
    bounds = {"starts_at": begins(day), "ends_at": begins(_after(day))}
    named = {"quarter": str(quarter), "place": f"{quarter.place:04x}"}
    return (await tx.execute(_PSEUDONYMS, bounds | named | {"now": now})).rowcount


# In the order of the key, so that neighbours on the page are written together.
_COUNT: Final = sa.text("""
    INSERT INTO habit (pseudonym, sku, quarter, draw, days)
    SELECT pseudonym, sku, quarter, substr(sha256(uuid_send(pseudonym) || convert_to(sku, 'UTF8')), 1, 8)::bigint,
           set_bit(0::bit(92), :place, 1)
      FROM (SELECT DISTINCT pseudonym, sku, quarter FROM purchase_seen WHERE day = :day) AS bought
     ORDER BY pseudonym, sku
        ON CONFLICT (pseudonym, sku) DO UPDATE SET days = habit.days | excluded.days
                                               WHERE get_bit(habit.days, :place) = 0
""").bindparams(sa.bindparam("day", type_=sa.Date), sa.bindparam("place", type_=sa.Integer))


async def count_day(tx: Tx, day: date, *, now: datetime) -> int:
    """Take down what was bought on a day; how many rows that changed. Doing it again changes only what came late."""
    place = (day - Quarter.of(day).first_day).days
    changed = (await tx.execute(_COUNT, {"day": day, "place": place})).rowcount
    await tx.execute(sa.update(counted_day).where(counted_day.c.day == day).values(counted_at=now))
    return changed


def _after(day: date) -> date:
    return day + timedelta(days=1)
