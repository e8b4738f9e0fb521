"""Whom the manager designates to act for him (C3): for what, from when, until when, and whether he took it back.

An act counts only under a designation that is in force at its instant. The database holds the same rule against whoever
signs an answer or is given a complaint.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart.ids import StaffId
from kalecart.staff.rights import Right, Role, may


class Scope(StrEnum):
    """What somebody may be designated for."""

    COMPLAINTS = "complaints"
    REQUESTS = "requests"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Final = {
    Scope.COMPLAINTS: "Investigate and answer complaints",
    Scope.REQUESTS: "Handle people's requests about their data",
}

COVERS: Final[Mapping[Scope, frozenset[Right]]] = {
    Scope.COMPLAINTS: frozenset({"complaints:read", "complaints:act", "complaints:answer"}),
    Scope.REQUESTS: frozenset({"requests:read", "requests:act", "requests:release"}),
}
# What any designation adds: whoever acts for the manager looks at what he may do himself, and at what others do (C8).
ACTING: Final[frozenset[Right]] = frozenset({"access:review", "audits:hold"})
# The manager is the person responsible: nobody designates him.
RESPONSIBLE: Final = Role.MANAGER
# Whoever joins as this is designated for everything from that day on.
ADMINISTRATOR: Final = Role.PRIVACY


@dataclass(frozen=True, kw_only=True)
class Designation:
    """`ends_at` is the first instant at which it no longer holds; None means until it is revoked."""

    id: UUID
    staff_id: StaffId
    scope: Scope
    starts_at: datetime
    ends_at: datetime | None = None
    revoked_at: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        return self.starts_at <= at and all(at < end for end in (self.ends_at, self.revoked_at) if end is not None)

    @property
    def over_at(self) -> datetime | None:
        """When it ceases to hold, if that is known."""
        return min((end for end in (self.ends_at, self.revoked_at) if end is not None), default=None)


def scope_of(right: Right) -> Scope | None:
    """Which designation a right needs, of whoever is not the manager."""
    return next((scope for scope, rights in COVERS.items() if right in rights), None)


def granted(role: Role, scopes: Collection[Scope]) -> frozenset[Right]:
    """What designations add to a role."""
    covered = frozenset[Right]().union(ACTING if scopes else (), *(COVERS[scope] for scope in scopes))
    return frozenset(right for right in covered if not may(role, right))


def taken(role: Role, scopes: Collection[Scope]) -> frozenset[Right]:
    """What a role is for, and may not do while no designation for it is in force."""
    if role is RESPONSIBLE:
        return frozenset()
    missing = [rights for scope, rights in COVERS.items() if scope not in scopes]
    return frozenset(right for rights in missing for right in rights if may(role, right))
