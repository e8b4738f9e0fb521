from hypothesis import given
from hypothesis import strategies as st

from bench.latency import latency


def test_percentiles_are_values_that_occurred() -> None:
    spread = latency(number / 1000 for number in range(1, 101))
    assert spread is not None
    assert (spread.p50, spread.p90, spread.p99, spread.most, spread.count) == (50.0, 90.0, 99.0, 100.0, 100)


def test_nothing_measured_has_no_latency() -> None:
    assert latency([]) is None


@given(st.lists(st.floats(min_value=0, max_value=30), min_size=1))
def test_percentiles_rise_to_the_longest(seconds: list[float]) -> None:
    spread = latency(seconds)
    assert spread is not None
    assert spread.p50 <= spread.p90 <= spread.p99 <= spread.most == round(max(seconds) * 1000, 3)
