import pytest

from kalecart.payments import described
from kalecart.payments.event import SETTLED_TYPES

# What Stripe's list of events takes of `types`.
TYPES_MAX = 20


def an_event(**but: object) -> dict[str, object]:
    told = {"id": "evt_1", "type": "refund.updated", "livemode": False, "data": {"object": {"id": "re_1"}}}
    return told | but


def test_stripe_can_be_asked_for_all_kinds_of_events_that_are_settled_at_once() -> None:
    assert len(SETTLED_TYPES) <= TYPES_MAX


@pytest.mark.parametrize(
    ("theirs", "foreign"),
    [({}, False), ({"livemode": True}, True), ({"livemode": None}, True), ({"account": "a"}, True)],
)
def test_an_event_of_another_mode_or_account_is_foreign(theirs: dict[str, object], foreign: bool) -> None:
    assert described.event(an_event(**theirs), live=False).foreign is foreign


def test_an_event_about_something_without_an_id_settles_nothing() -> None:
    told = described.event(an_event(type="balance.available", data={"object": {}}), live=False)

    assert (told.object_id, told.settles) == ("", False)
