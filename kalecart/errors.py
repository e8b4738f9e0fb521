"""Errors, grouped by what the caller may do about them.

KaleCartError
├── Refused        our rule says no: asking again will not help
│   ├── NotFound
│   ├── Forbidden
│   ├── Conflict   the world moved on since the caller looked
│   └── Exhausted  an allowance is spent
├── NotYet         our rule says later, and when
└── Unavailable    something we depend on did not answer: asking again may help

Anything else that is raised is a bug. An expected outcome, such as a declined card, is a row and not an exception.
A message carries ids and rules, never a person's data: it ends up in logs and on pages.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


class KaleCartError(Exception):
    """Something went wrong."""

    def __init__(self, detail: str = "", **members: Any) -> None:
        """`detail` says what to do; `members` are facts for the problem document (RFC 9457 extension members)."""
        super().__init__(detail)
        self.detail = detail
        self.members: Mapping[str, Any] = members

    @classmethod
    def title(cls) -> str:
        """The first line of the docstring: what a person reads as the problem's name."""
        return (cls.__doc__ or "").strip().splitlines()[0]


class Refused(KaleCartError):
    """The request breaks a rule."""


class NotFound(Refused):
    """There is nothing here."""


class Forbidden(Refused):
    """You may not do this."""


class Conflict(Refused):
    """Things changed since you looked."""


class Exhausted(Refused):
    """An allowance is used up."""


class NotYet(KaleCartError):
    """It is too early."""

    def __init__(self, detail: str, *, after: datetime, **members: Any) -> None:
        super().__init__(detail, **members)
        self.after = after


class Unavailable(KaleCartError):
    """Something we depend on did not answer."""


class Invalid(Refused):
    """Some of what was sent cannot be used."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        """`problems` maps a field's JSON pointer (`/quantity`) to what is wrong with it; all of them at once."""
        super().__init__("Correct the fields that are named and send again.")
        self.problems = problems


class MustNotStart(Exception):
    """One sentence for whoever starts a process: why it will not, and what to do. Nobody else ever sees it."""
