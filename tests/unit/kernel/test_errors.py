from datetime import UTC, datetime

import pytest

from kalecart.errors import (
    Conflict,
    Exhausted,
    Forbidden,
    Invalid,
    KaleCartError,
    NotFound,
    NotYet,
    Refused,
    Unavailable,
)


class TooManyRadishes(Conflict):
    """There are too many radishes.

    What follows is for whoever reads the code.
    """


def test_the_title_is_the_first_line_of_the_docstring() -> None:
    assert TooManyRadishes.title() == "There are too many radishes."


def test_the_members_are_kept_apart_from_the_words() -> None:
    error = TooManyRadishes("Take some out.", left=3)

    assert (str(error), error.detail, error.members) == ("Take some out.", "Take some out.", {"left": 3})


@pytest.mark.parametrize("kind", [NotFound, Forbidden, Conflict, Exhausted, Invalid])
def test_what_a_rule_refuses_is_refused(kind: type[KaleCartError]) -> None:
    assert issubclass(kind, Refused)


@pytest.mark.parametrize("kind", [NotYet, Unavailable])
def test_what_may_work_later_is_not_refused(kind: type[KaleCartError]) -> None:
    assert not issubclass(kind, Refused)


def test_not_yet_says_when() -> None:
    after = datetime(2026, 11, 2, 18, tzinfo=UTC)

    assert NotYet("Wait for the window.", after=after, window=1).after == after


def test_all_wrong_fields_are_named_at_once() -> None:
    error = Invalid({"/quantity": "Choose a whole number.", "/sku": "We do not sell this product."})

    assert set(error.problems) == {"/quantity", "/sku"}
    assert "Choose" not in str(error)
