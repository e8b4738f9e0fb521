"""What staff may do, by role. Whatever is not in the table is forbidden."""

from enum import StrEnum
from typing import Final, Literal

Right = Literal[
    "orders:read",
    "orders:act",
    "customers:view",
    "queue:read",
    "queue:act",
    "alerts:resolve",
    "money:read",
    "refunds:make",
    "staff:add",
]


class Role(StrEnum):
    """The database knows the same roles."""

    MANAGER = "manager"
    ORDERS = "orders"


_ORDERS: Final[frozenset[Right]] = frozenset(
    {"orders:read", "orders:act", "customers:view", "queue:read", "money:read", "refunds:make"}
)
_MANAGER_ONLY: Final[frozenset[Right]] = frozenset({"queue:act", "alerts:resolve", "staff:add"})
RIGHTS: Final[dict[Role, frozenset[Right]]] = {Role.MANAGER: _ORDERS | _MANAGER_ONLY, Role.ORDERS: _ORDERS}


def may(role: Role, right: Right) -> bool:
    return right in RIGHTS[role]
