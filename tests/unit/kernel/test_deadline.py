"""Thirty days in the shop's calendar, whatever clocks do (C13)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.clock import SHOP_ZONE, shop_date
from kalecart.deadline import Stage, days_left, due_by, stage_begins, stages_reached

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # see timezones


@pytest.mark.parametrize(
    ("received", "due", "hours"),
    [
        ("2026-01-30T23:59", "2026-03-02T00:00", 720.02),
        ("2028-01-30T23:59", "2028-03-01T00:00", 720.02),
        ("2028-01-31T00:00", "2028-03-02T00:00", 744.00),
        ("2026-02-20T12:00", "2026-03-23T00:00", 731.00),
        ("2026-10-10T09:00", "2026-11-10T00:00", 736.00),
        ("2026-12-15T18:30", "2027-01-15T00:00", 725.50),
        ("2026-03-08T03:30", "2026-04-08T00:00", 740.50),
        ("2026-11-01T01:30", "2026-12-02T00:00", 743.50),
    ],
)
def test_it_is_due_at_the_midnight_that_ends_the_thirtieth_day(received: str, due: str, hours: float) -> None:
    """E79, E81: over daylight saving and leap days the hours differ, and that is right."""
    at = datetime.fromisoformat(received).replace(tzinfo=SHOP_ZONE)

    assert due_by(at) == datetime.fromisoformat(due).replace(tzinfo=SHOP_ZONE).astimezone(UTC)
    assert round((due_by(at) - at.astimezone(UTC)).total_seconds() / 3600, 2) == hours


@given(MOMENTS)
def test_every_request_of_a_day_is_due_at_the_same_midnight(received: datetime) -> None:
    due = due_by(received)

    assert shop_date(due - timedelta(microseconds=1)) == shop_date(received) + timedelta(days=30)
    assert due.astimezone(SHOP_ZONE).time().isoformat() == "00:00:00"


@given(MOMENTS, st.integers(0, 40 * 24 * 60))
def test_stages_come_in_order_and_the_breach_is_the_deadline(received: datetime, minutes: int) -> None:
    due, now = due_by(received), received + timedelta(minutes=minutes)
    reached = stages_reached(due, now)

    assert reached == list(Stage)[: len(reached)]
    assert (Stage.BREACH in reached) == (now >= due)
    assert stage_begins(due, Stage.BREACH) == due
    assert (days_left(due, now) < 0) == (now >= due)


def test_on_the_day_of_receipt_thirty_days_are_left_and_on_the_last_none() -> None:
    received = datetime(2026, 11, 2, 18, tzinfo=UTC)
    due = due_by(received)

    assert days_left(due, received) == 30
    assert days_left(due, due - timedelta(seconds=1)) == 0
    assert days_left(due, due) == -1
