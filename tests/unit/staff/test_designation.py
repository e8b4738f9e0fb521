"""A designation, by itself: when it is in force, and what it adds to a role (C3)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.ids import StaffId, new_id
from kalecart.staff.designation import COVERS, Designation, Scope, granted, taken
from kalecart.staff.member import NotDesignated, RoleForbids, StaffMember
from kalecart.staff.rights import Role, may
from tests.clock import START

hours = st.integers(min_value=0, max_value=200)


@given(start=hours, lasts=st.none() | st.integers(1, 100), revoked=st.none() | hours, at=hours)
def test_a_designation_holds_from_its_start_until_it_ends_or_is_taken_back(
    start: int, lasts: int | None, revoked: int | None, at: int
) -> None:
    held = Designation(
        id=new_id(),
        staff_id=StaffId(new_id()),
        scope=Scope.COMPLAINTS,
        starts_at=START + timedelta(hours=start),
        ends_at=None if lasts is None else START + timedelta(hours=start + lasts),
        revoked_at=None if revoked is None else START + timedelta(hours=revoked),
    )
    end = min(start + lasts if lasts is not None else 1_000, revoked if revoked is not None else 1_000)

    assert held.in_force(START + timedelta(hours=at)) is (at in range(start, end))


def test_an_administrator_without_a_designation_and_a_picker_with_one() -> None:
    idle = StaffMember(id=StaffId(new_id()), role=Role.PRIVACY, taken=taken(Role.PRIVACY, [Scope.REQUESTS]))
    given_it = granted(Role.ORDERS, [Scope.COMPLAINTS])
    picker = StaffMember(id=StaffId(new_id()), role=Role.ORDERS, granted=given_it)

    with pytest.raises(NotDesignated):
        idle.require("complaints:answer")
    idle.require("requests:act")
    picker.require("complaints:answer")
    with pytest.raises(RoleForbids):
        picker.require("requests:act")


def test_the_manager_needs_no_designation_and_a_paused_delegate_may_nothing() -> None:
    assert taken(Role.MANAGER, []) == granted(Role.MANAGER, list(Scope)) == frozenset()
    paused = StaffMember(
        id=StaffId(new_id()), role=Role.ORDERS, paused=True, granted=granted(Role.ORDERS, [Scope.COMPLAINTS])
    )
    assert not paused.may("complaints:read")


def test_whatever_a_designation_covers_is_the_administrators_and_the_managers() -> None:
    covered = {right for rights in COVERS.values() for right in rights}

    assert all(may(Role.PRIVACY, right) and may(Role.MANAGER, right) for right in covered)
    assert sum(len(rights) for rights in COVERS.values()) == len(covered)
