"""Someone who works for the shop, as far as a request needs to know."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kalecart.errors import Forbidden
from kalecart.ids import StaffId
from kalecart.staff.rights import Right, Role, may

# A working day: staff see other people's details, so their log-ins do not last as long as a shopper's.
STAFF_SESSION_TTL: Final = timedelta(hours=12)


class RoleForbids(Forbidden):
    """Your role does not include this."""


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    """Who is acting, and in which role."""

    id: StaffId
    role: Role

    def may(self, right: Right) -> bool:
        return may(self.role, right)

    def require(self, right: Right) -> None:
        """Raise RoleForbids where the role does not include it."""
        if not self.may(right):
            raise RoleForbids("Ask the manager for a role that does.", right=right)
