"""Training counts for a year of the shop's days (C8, C9)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kalecart.ids import StaffId, new_id
from kalecart.staff.member import RoleForbids, StaffMember, TrainingLapsed
from kalecart.staff.rights import Role
from kalecart.staff.training import GRACE, NEVER_TRAINED, Trained, expires_at, trained

MOMENT = timedelta(microseconds=1)


def test_training_counts_until_its_last_day_is_over_in_the_shop() -> None:
    until = expires_at(date(2026, 3, 1))
    assert until.astimezone(UTC) == datetime(2027, 3, 2, 8, tzinfo=UTC)
    held = Trained(until=until)

    assert (held.lapsed(until - MOMENT), held.soon(until - MOMENT)) == (False, True)
    assert (held.lapsed(until), held.soon(until)) == (True, False)
    assert not held.soon(until - timedelta(days=31))
    assert not NEVER_TRAINED.lapsed(until)


def test_who_joined_two_weeks_ago_and_was_never_trained_is_like_who_lapsed() -> None:
    joined = datetime(2026, 11, 2, 18, tzinfo=UTC)
    newcomer = trained(None, joined_at=joined)

    assert (newcomer.lapsed(joined + GRACE - MOMENT), newcomer.soon(joined)) == (False, True)
    assert newcomer.lapsed(joined + GRACE)
    until = expires_at(date(2026, 11, 10))
    assert trained(until, joined_at=joined).ends_at == until


LETTERS = ((31, None), (30, 30), (15, 30), (14, 14), (3, 3), (1, 3), (0, 0), (-40, 0))


@pytest.mark.parametrize(("left", "letter"), LETTERS)
def test_the_nearest_letter_that_has_begun_is_the_one_to_write(left: int, letter: int | None) -> None:
    until = expires_at(date(2026, 3, 1))
    assert Trained(until=until).letter(until - timedelta(days=left)) == letter
    assert NEVER_TRAINED.letter(until) is None


def test_who_is_untrained_may_nothing_but_a_manager_write_down_the_next() -> None:
    manager, picker = (
        StaffMember(id=StaffId(new_id()), role=role, untrained=True) for role in (Role.MANAGER, Role.ORDERS)
    )

    manager.require("staff:train")
    for member in (manager, picker):
        with pytest.raises(TrainingLapsed):
            member.require("orders:read")
    with pytest.raises(RoleForbids):
        picker.require("staff:train")
