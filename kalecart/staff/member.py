"""Someone who works for the shop, as far as a request needs to know."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from kalecart.errors import Forbidden
from kalecart.ids import StaffId
from kalecart.staff.rights import Right, Role, may
from kalecart.staff.session import Session
from kalecart.staff.training import NEVER_TRAINED, Trained


class RoleForbids(Forbidden):
    """Your role does not include this."""


class NotDesignated(RoleForbids):
    """You are not designated for this now."""


class PolicyUnread(Forbidden):
    """Your access pauses until you have read the policy."""


class SecondFactorNeeded(Forbidden):
    """A password alone opens nothing here."""


ASK: Final = "Ask the manager to designate you."


class TrainingLapsed(Forbidden):
    """Your access pauses until you are trained again."""


# What is left to a manager whose training lapsed: somebody has to be able to write down the next one.
LEFT_UNTRAINED: Final[frozenset[Right]] = frozenset({"staff:train"})


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    """Who is acting, and in which role. `read_by` is until when they have to say that they read the policy, if they do.

    `paused` means that this instant has passed: whoever does not know the policy handles nobody's data (C9).
    `trained` says until when their training counts, and `train_by` the same once that is near; `untrained` that it has
    passed: they may do nothing then but write down the next, if they may that (C8, C9).
    `unproved` means that they came in by their password alone where that is not enough: all they may do is add what
    else proves who they are (C8).
    `granted` is what designations add to the role at this instant, `taken` what it lacks without one (C3).
    """

    id: StaffId
    role: Role
    read_by: datetime | None = None
    paused: bool = False
    trained: Trained = NEVER_TRAINED
    train_by: datetime | None = None
    untrained: bool = False
    unproved: bool = False
    granted: frozenset[Right] = frozenset()
    taken: frozenset[Right] = frozenset()
    session: Session | None = field(default=None, compare=False)

    def may(self, right: Right) -> bool:
        if self.unproved:
            return False
        if self.untrained and right not in LEFT_UNTRAINED:
            return False
        return not self.paused and right not in self.taken and (may(self.role, right) or right in self.granted)

    def require(self, right: Right) -> None:
        """Raise RoleForbids where the role does not include it, NotDesignated, PolicyUnread, TrainingLapsed, and
        SecondFactorNeeded.
        """
        self.require_proved()
        if self.paused:
            raise PolicyUnread("Read it in the console, and say there that you did.")
        if self.untrained and right not in LEFT_UNTRAINED:
            raise TrainingLapsed("Ask the manager for the next training.")
        if right in self.taken:
            raise NotDesignated(ASK, right=right)
        if not self.may(right):
            raise RoleForbids("Ask the manager for a role that does.", right=right)

    def require_proved(self) -> None:
        """Raise SecondFactorNeeded where a password was all they brought."""
        if self.unproved:
            raise SecondFactorNeeded("Add a passkey or one-time codes at /staff/log-ins first.")
