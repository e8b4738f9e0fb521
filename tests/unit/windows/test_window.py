from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.clock import SHOP_ZONE, shop_date
from kalecart.ids import WindowId, new_id
from kalecart.windows.window import CUTOFF_BEFORE, HOURS, WindowOffer, label, windows_of

SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)  # when the clocks change in Los Angeles
DAYS = st.dates(date(2025, 1, 1), date(2040, 12, 31))


@given(DAYS)
def test_windows_start_and_end_at_the_hours_on_the_wall(day: date) -> None:
    hours = [
        (window.starts_at.astimezone(SHOP_ZONE).hour, window.ends_at.astimezone(SHOP_ZONE).hour)
        for window in windows_of(day)
    ]

    assert tuple(hours) == HOURS


@given(DAYS)
def test_windows_of_a_day_are_on_that_day_and_do_not_overlap(day: date) -> None:
    windows = list(windows_of(day))

    assert {shop_date(window.starts_at) for window in windows} == {day}
    assert all(earlier.ends_at <= later.starts_at for earlier, later in pairwise(windows))
    assert {window.cutoff_at for window in windows} == {window.starts_at - CUTOFF_BEFORE for window in windows}
    assert {window.starts_at.tzinfo for window in windows} == {UTC}


@pytest.mark.parametrize(("change", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_eight_in_the_morning_moves_with_the_clocks(change: date, hours: int) -> None:
    before = next(windows_of(change - timedelta(days=1)))
    on = next(windows_of(change))

    assert on.starts_at - before.starts_at == timedelta(hours=hours)
    assert on.starts_at.astimezone(SHOP_ZONE).hour == 8


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_a_window_lasts_two_hours_on_the_day_the_clocks_change(day: date) -> None:
    assert {window.ends_at - window.starts_at for window in windows_of(day)} == {timedelta(hours=2)}


def test_a_year_of_windows_has_no_start_twice() -> None:
    starts = Counter(
        window.starts_at for ahead in range(366) for window in windows_of(date(2026, 1, 1) + timedelta(days=ahead))
    )

    assert set(starts.values()) == {1}


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [(8, 10, "8:00–10:00 AM"), (10, 12, "10:00 AM–12:00 PM"), (12, 14, "12:00–2:00 PM"), (18, 20, "6:00–8:00 PM")],
)
def test_a_window_is_named_by_the_clock_on_the_wall(first: int, last: int, written: str) -> None:
    starts_at = datetime(2026, 11, 2, first, tzinfo=SHOP_ZONE)
    ends_at = datetime(2026, 11, 2, last, tzinfo=SHOP_ZONE)

    assert label(starts_at.astimezone(UTC), ends_at.astimezone(UTC)) == written


def test_a_windows_day_is_the_shops_day_though_it_is_the_next_one_in_utc() -> None:
    starts_at = datetime(2026, 11, 3, 2, tzinfo=UTC)
    offer = WindowOffer(
        id=WindowId(new_id()),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        cutoff_at=starts_at,
        left=1,
    )

    assert (offer.day_label, offer.label) == ("Monday, November 2", "6:00–8:00 PM")
