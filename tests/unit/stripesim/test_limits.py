"""The limiter lets through what it says, and no more."""

from hypothesis import given
from hypothesis import strategies as st

from stripesim.limits import Limiter

PER_S = 25


def test_no_limit_lets_everything_through() -> None:
    assert all(Limiter().admit(0.0) for _ in range(1000))


@given(st.lists(st.floats(min_value=0, max_value=0.2), max_size=200))
def test_no_more_than_the_bucket_and_what_fills_it_gets_through(gaps: list[float]) -> None:
    limiter, now, passed = Limiter(per_s=PER_S, left=PER_S), 0.0, 0
    for gap in gaps:
        now += gap
        passed += limiter.admit(now)
    assert passed <= PER_S + now * PER_S + 1e-6


def test_whoever_keeps_to_the_limit_is_never_refused() -> None:
    limiter = Limiter(per_s=PER_S, left=PER_S)

    assert all(limiter.admit(number / PER_S + 1e-9) for number in range(1000))


def test_a_clock_set_back_gives_nothing_away() -> None:
    limiter = Limiter(per_s=1, left=1, at=100.0)

    assert limiter.admit(100.0)
    assert not limiter.admit(50.0)
