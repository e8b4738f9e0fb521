from datetime import UTC, date, datetime, timedelta

import pytest

from kalecart.clock import SystemClock, shop_date


def test_the_clock_gives_aware_instants_in_utc() -> None:
    before = datetime.fromtimestamp(0, UTC)
    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert now > before


def test_the_clock_goes_forward() -> None:
    clock = SystemClock()

    assert timedelta() <= clock.now() - clock.now() + timedelta(seconds=5)
    assert clock.now() <= clock.now()


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 2, 7, 59, tzinfo=UTC), date(2026, 11, 1)),  # winter: eight hours behind
        (datetime(2026, 11, 2, 8, 0, tzinfo=UTC), date(2026, 11, 2)),
        (datetime(2026, 7, 2, 6, 59, tzinfo=UTC), date(2026, 7, 1)),  # summer: seven
        (datetime(2026, 7, 2, 7, 0, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_a_day_is_the_shops_day_on_both_sides_of_midnight(instant: datetime, day: date) -> None:
    assert shop_date(instant) == day
