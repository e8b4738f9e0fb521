"""What staff may do, by role. Whatever is not in the table is forbidden."""

from enum import StrEnum
from typing import Final, Literal

Right = Literal["orders:read", "customers:view", "staff:add"]


class Role(StrEnum):
    """The database knows the same roles."""

    MANAGER = "manager"
    ORDERS = "orders"


RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.MANAGER: frozenset({"orders:read", "customers:view", "staff:add"}),
    Role.ORDERS: frozenset({"orders:read", "customers:view"}),
}


def may(role: Role, right: Right) -> bool:
    return right in RIGHTS[role]
