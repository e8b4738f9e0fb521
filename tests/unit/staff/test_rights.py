import pytest

from kalecart.ids import StaffId, new_id
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.rights import RIGHTS, Role, may
from kalecart.staff.tables import staff


def test_every_role_has_its_rights_and_the_database_knows_the_same_roles():
    rule = next(str(check.sqltext) for check in staff.constraints if check.name == "staff_role_known")

    assert set(RIGHTS) == set(Role)
    assert all(f"'{role}'" in rule for role in Role)


def test_only_a_manager_adds_staff():
    assert [role for role in Role if may(role, "staff:add")] == [Role.MANAGER]


def test_a_role_without_the_right_is_told_to_ask():
    member = StaffMember(id=StaffId(new_id()), role=Role.ORDERS)

    member.require("orders:read")
    with pytest.raises(RoleForbids, match="manager"):
        member.require("staff:add")


def test_only_a_manager_acts_on_the_queue_and_everybody_at_the_console_sees_it():
    assert [role for role in Role if may(role, "queue:act")] == [Role.MANAGER]
    assert [role for role in Role if may(role, "alerts:resolve")] == [Role.MANAGER]
    assert all(may(role, "queue:read") for role in Role)


def test_the_privacy_administrator_sees_neither_orders_nor_money() -> None:
    assert [role for role in Role if not may(role, "orders:read")] == [Role.PRIVACY]
    assert [role for role in Role if not may(role, "refunds:make")] == [Role.PRIVACY]
    assert [role for role in Role if not may(role, "money:read")] == [Role.PRIVACY]
