"""A clock that only moves when a test says so."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)  # a Monday, 10 in the morning in Los Angeles


class FakeClock:
    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **length: float) -> datetime:
        self._now += timedelta(**length)
        return self._now
