"""A request's state follows from its instants, and only arrows lead on."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from kalecart.ids import new_id
from kalecart.privacy.ask import received
from kalecart.privacy.request import ARROWS, INSTANTS, OPEN, Channel, Kind, Request, RequestMovedOn, State
from kalecart.privacy.subject import Person
from tests.clock import START


def a_request(**but: object) -> Request:
    made = received(Kind.ACCESS, Channel.ACCOUNT, Person.customer(new_id()), received_at=START)
    return replace(made, **but)  # ty: ignore[invalid-argument-type]


@pytest.mark.parametrize("state", INSTANTS)
def test_the_last_instant_says_the_state(state: State) -> None:
    assert a_request(**{INSTANTS[state]: START}).state is state


def test_a_request_nobody_has_proved_is_unverified_and_open() -> None:
    assert a_request().state is State.UNVERIFIED
    assert a_request().open


@pytest.mark.parametrize("way", [(State.VERIFIED, State.REVIEW, State.ANSWERED), (State.VERIFIED, State.REFUSED)])
def test_every_step_of_a_way_is_an_arrow(way: tuple[State, ...]) -> None:
    assert all(after in ARROWS[before] for before, after in pairwise((State.UNVERIFIED, *way)))


def test_nothing_leads_on_from_where_a_request_is_closed() -> None:
    closed = set(State) - OPEN

    assert all(not ARROWS[state] for state in closed)
    with pytest.raises(RequestMovedOn):
        a_request(answered_at=START).require_arrow(State.REFUSED)


def test_it_is_overdue_by_arithmetic_and_never_once_it_is_answered() -> None:
    late = START + timedelta(days=31)

    assert a_request().overdue(late)
    assert not a_request(answered_at=START).overdue(late)
    assert not a_request().overdue(late - timedelta(days=1))
