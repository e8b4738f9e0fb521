"""What staff may do, by role. Whatever is not in the table is forbidden."""

from enum import StrEnum
from typing import Final, Literal

Right = Literal[
    "orders:read",
    "orders:act",
    "customers:view",
    "figures:read",
    "figures:ask",
    "figures:export",
    "queue:read",
    "queue:act",
    "alerts:resolve",
    "money:read",
    "refunds:make",
    "staff:add",
    "staff:leave",
    "staff:designate",
    "staff:train",
    "staff:reset",
    "staff:role",
    "access:review",
    "audits:hold",
    "audits:plan",
    "policy:tell",
    "sources:record",
    "sources:destroy",
    "holds:place",
    "requests:read",
    "requests:act",
    "requests:release",
    "stock:plan",
    "surveys:compose",
    "complaints:read",
    "complaints:act",
    "complaints:answer",
    "complaints:ladder",
    "paper:keep",
    "paper:shred",
]


class Role(StrEnum):
    """The database knows the same roles."""

    MANAGER = "manager"
    ORDERS = "orders"
    PRIVACY = "privacy"


_ORDERS: Final[frozenset[Right]] = frozenset(
    {"figures:read", "orders:read", "orders:act", "customers:view", "queue:read", "money:read", "refunds:make"}
    | {"stock:plan", "paper:keep", "paper:shred"}
)
_MANAGER_ONLY: Final[frozenset[Right]] = frozenset(
    {"queue:act", "alerts:resolve", "staff:add", "staff:leave", "staff:designate", "staff:train"}
    | {"staff:reset"}
    | {"staff:role", "access:review", "audits:hold", "audits:plan"}
    | {"sources:destroy", "holds:place"}
    | {"figures:ask", "figures:export", "complaints:ladder"}
)
# The designated privacy administrator (C10) handles people's requests and complaints, and neither orders nor money.
# What a designation covers counts only while one is in force (designation.py).
_PRIVACY: Final[frozenset[Right]] = frozenset(
    {"figures:read", "customers:view", "queue:read", "policy:tell", "sources:record", "requests:read", "requests:act"}
    | {"requests:release", "surveys:compose", "complaints:read", "complaints:act", "complaints:answer"}
    | {"paper:keep", "paper:shred"}
)
RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.MANAGER: _ORDERS | _MANAGER_ONLY | _PRIVACY,
    Role.ORDERS: _ORDERS,
    Role.PRIVACY: _PRIVACY,
}


def may(role: Role, right: Right) -> bool:
    return right in RIGHTS[role]
