"""Training counts for a year of the shop's days (C8, C9)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kalecart.ids import StaffId, new_id
from kalecart.staff.member import RoleForbids, StaffMember, TrainingLapsed
from kalecart.staff.rights import Role
from kalecart.staff.training import NEVER_TRAINED, Trained, expires_at

MOMENT = timedelta(microseconds=1)


def test_training_counts_until_its_last_day_is_over_in_the_shop() -> None:
    until = expires_at(date(2026, 3, 1))
    assert until.astimezone(UTC) == datetime(2027, 3, 2, 8, tzinfo=UTC)
    held = Trained(until=until)

    assert (held.lapsed(until - MOMENT), held.soon(until - MOMENT)) == (False, True)
    assert (held.lapsed(until), held.soon(until)) == (True, False)
    assert not held.soon(until - timedelta(days=31))
    assert not NEVER_TRAINED.lapsed(until)


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
