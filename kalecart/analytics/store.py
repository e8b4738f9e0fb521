"""All SQL that writes what is counted."""

from datetime import date, timedelta

from sqlalchemy.dialects.postgresql import insert

from kalecart.analytics.quarter import Quarter, begins
from kalecart.analytics.tables import counted_day
from kalecart.database import Tx


async def add_days(tx: Tx, quarter: Quarter) -> None:
    """The days of a quarter, each from midnight to midnight in the shop's zone; those that are there stay."""
    rows = [
        {
            "day": day,
            "quarter": str(quarter),
            "starts_at": begins(day),
            "ends_at": begins(_after(day)),
        }
        for day in quarter.days()
    ]
    await tx.execute(insert(counted_day).on_conflict_do_nothing(index_elements=["day"]), rows)


def _after(day: date) -> date:
    return day + timedelta(days=1)
