import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.payments.pace import BACK_SHARE, BURST_S, WAIT_MAX_S, Lane, Lanes

PER_S = 20.0

Asking = st.lists(
    st.tuples(st.floats(min_value=0, max_value=0.2), st.sampled_from([Lane.FRONT, Lane.BACK])), min_size=1, max_size=300
)


def granted(lanes: Lanes, asking: list[tuple[float, Lane]]) -> list[tuple[float, Lane]]:
    """When each turn is due, of those that were given."""
    now, due = 1_000.0, []
    for pause, lane in asking:
        now += pause
        wait = lanes.take(lane, now)
        if wait >= 0:
            due.append((now + wait, lane))
    return due


@given(Asking)
def test_no_second_has_more_turns_than_there_are_in_a_second(asking: list[tuple[float, Lane]]) -> None:
    due = sorted(at for at, _ in granted(Lanes.of(PER_S), asking))

    for first in due:
        assert sum(first <= at < first + 1 for at in due) <= PER_S * (1 + BURST_S) + 1


@given(Asking)
def test_the_background_takes_its_share_and_never_makes_anybody_wait_for_more(
    asking: list[tuple[float, Lane]],
) -> None:
    due = sorted(at for at, lane in granted(Lanes.of(PER_S), asking) if lane is Lane.BACK)

    for first in due:
        assert sum(first <= at < first + 1 for at in due) <= PER_S * BACK_SHARE * (1 + BURST_S) + 1


def test_turns_in_front_come_in_the_order_of_asking() -> None:
    lanes = Lanes.of(PER_S)

    waits = [lanes.take(Lane.FRONT, 1_000.0) for _ in range(50)]

    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(49 / PER_S - BURST_S)


def test_the_background_gets_no_turn_while_somebody_in_front_waits() -> None:
    lanes = Lanes.of(PER_S)
    for _ in range(40):
        lanes.take(Lane.FRONT, 1_000.0)

    assert lanes.take(Lane.BACK, 1_000.0) < 0
    assert lanes.take(Lane.BACK, 1_002.0) >= 0


def test_a_turn_that_would_come_too_late_is_not_taken() -> None:
    lanes = Lanes.of(1.0)
    waits = [lanes.take(Lane.FRONT, 1_000.0) for _ in range(100)]

    given_up = [wait for wait in waits if wait < 0]

    assert given_up
    assert max(waits) <= WAIT_MAX_S
    assert len(set(given_up)) == 1  # nobody who gave up made the next one wait longer


@pytest.mark.parametrize("per_s", [PER_S, 0.0])
def test_who_was_sent_away_goes_before_whoever_has_not_asked_yet(per_s: float) -> None:
    lanes = Lanes.of(per_s)

    repeats = [lanes.take(Lane.AGAIN, 1_000.0, penalty_s=0.25) for _ in range(3)]
    newcomer = lanes.take(Lane.FRONT, 1_000.0)

    assert repeats == pytest.approx([0.25, 0.3, 0.35])
    assert newcomer >= max(repeats)


def test_nobody_waits_where_there_is_no_limit() -> None:
    lanes = Lanes.of(0)

    assert {lanes.take(lane, 1_000.0) for lane in (Lane.FRONT, Lane.BACK) for _ in range(1_000)} == {0.0}
