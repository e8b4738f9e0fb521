from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.errors import Conflict, NotYet, Refused, Unavailable
from kalecart.tasks import ATTEMPTS_MAX, BACKOFF_FIRST, BACKOFF_MAX, LEASE, RENEW_S, backoff, due_again

NOW = datetime(2026, 11, 2, 18, tzinfo=UTC)


def test_each_wait_is_twice_the_one_before_up_to_ten_minutes() -> None:
    waits = [backoff(attempts) for attempts in range(1, 40)]

    assert waits[0] == BACKOFF_FIRST
    assert all(later == min(earlier * 2, BACKOFF_MAX) for earlier, later in pairwise(waits))
    assert waits[-1] == BACKOFF_MAX


@given(st.integers(min_value=1, max_value=10**6))
def test_no_number_of_attempts_makes_a_wait_absurd(attempts: int) -> None:
    assert BACKOFF_FIRST <= backoff(attempts) <= BACKOFF_MAX


def test_what_did_not_answer_is_asked_again() -> None:
    assert due_again(3, Unavailable(), NOW) == NOW + timedelta(seconds=4)


def test_what_never_answers_is_given_up_after_the_last_attempt() -> None:
    assert due_again(ATTEMPTS_MAX - 1, Unavailable(), NOW) is not None
    assert due_again(ATTEMPTS_MAX, Unavailable(), NOW) is None


@pytest.mark.parametrize("error", [Refused(), Conflict(), AssertionError(), KeyError("a bug"), TimeoutError()])
def test_a_rule_or_a_bug_gets_no_second_chance(error: BaseException) -> None:
    assert due_again(1, error, NOW) is None


def test_what_is_too_early_comes_back_when_it_said_however_often() -> None:
    after = NOW + timedelta(days=3)

    assert due_again(ATTEMPTS_MAX + 5, NotYet("", after=after), NOW) == after


def test_a_lease_is_renewed_well_before_it_ends() -> None:
    """Otherwise a second worker would start while the first still listens: two renewals may fail in between."""
    assert LEASE.total_seconds() >= 3 * RENEW_S
