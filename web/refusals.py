"""What the edge itself refuses, before any verb is called.

Refused
├── NotJson 400 · WrongContentType 415 · TooLarge 413 · TooSlow 408 · WrongMethod 405
├── Invalid ── Malformed 422
└── Forbidden
    └── CrossSite 403 · customers.LoginNeeded 401
Unavailable
└── Busy 503
"""

from collections.abc import Iterable, Mapping, Sequence

from kalecart.errors import Forbidden, Invalid, Refused, Unavailable


class NotJson(Refused):
    """The body is not JSON."""


class WrongContentType(Refused):
    """The body has the wrong content type."""


class TooLarge(Refused):
    """The body is too large."""


class TooSlow(Refused):
    """The body took too long to arrive."""


class WrongMethod(Refused):
    """This method does not work here."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = ", ".join(sorted(allowed))
        super().__init__(f"Use one of: {self.allowed}.")


class Malformed(Invalid):
    """Some of what was sent cannot be used."""

    def __init__(self, errors: Sequence[Mapping[str, str]]) -> None:
        """`errors` name the place by `pointer` (in the body), `parameter` (in the query) or `header`."""
        super().__init__({error.get("pointer", ""): error["detail"] for error in errors})
        self.errors = errors


class CrossSite(Forbidden):
    """This request came from another site."""


class Busy(Unavailable):
    """The shop is busier than it can be."""
