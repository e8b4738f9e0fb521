"""The one map from an error to what the outside is told: a status, and a problem document (RFC 9457)."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic_core import to_json

from kalecart import errors
from kalecart.customers.session import LoginNeeded
from kalecart.payments.stripe import ForgedEvent
from web import refusals

CONTENT_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 1

# The nearest ancestor counts. A class of error that is not below one of these cannot be raised on purpose.
STATUS: Final[Mapping[type, int]] = {
    errors.KaleCartError: 500,
    errors.Refused: 422,
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.Exhausted: 429,
    errors.NotYet: 409,
    errors.Unavailable: 503,
    refusals.NotJson: 400,
    LoginNeeded: 401,
    refusals.WrongMethod: 405,
    refusals.TooSlow: 408,
    refusals.TooLarge: 413,
    refusals.WrongContentType: 415,
    ForgedEvent: 400,
}

BUG_TITLE: Final = "Something went wrong on our side."
BUG_DETAIL: Final = "It is not your fault, and nothing was lost. We were told. Try again in a moment."


def status_of(error: type[errors.KaleCartError]) -> int:
    return next(STATUS[ancestor] for ancestor in error.__mro__ if ancestor in STATUS)


def name_of(error: type[errors.KaleCartError]) -> str:
    """`BelowMinimum` -> `below-minimum`, the last part of the problem's `type`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def document(error: errors.KaleCartError, *, instance: str, **members: Any) -> bytes:
    """What a program reads. `members` are facts added at the edge, such as the cart as it is now."""
    kind = type(error)
    about: dict[str, Any] = {
        **error.members,
        **members,
        "type": f"/problems/{name_of(kind)}",
        "title": kind.title(),
        "status": status_of(kind),
        "detail": error.detail,
        "instance": instance,
    }
    if isinstance(error, refusals.Malformed):
        about["errors"] = error.errors
    elif isinstance(error, errors.Invalid):
        about["errors"] = [{"pointer": pointer, "detail": detail} for pointer, detail in error.problems.items()]
    return to_json(about)


def bug_document(*, instance: str) -> bytes:
    """An error nobody foresaw: its number, and nothing about its cause."""
    return to_json(
        {"type": "about:blank", "title": BUG_TITLE, "status": 500, "detail": BUG_DETAIL, "instance": instance}
    )


def headers_of(error: errors.KaleCartError, *, now: datetime) -> dict[str, str]:
    """When to come back, where to log in, which methods work."""
    match error:
        case errors.NotYet():
            return {"Retry-After": str(max(math.ceil((error.after - now).total_seconds()), RETRY_AFTER_S))}
        case errors.Unavailable() | errors.Exhausted():
            return {"Retry-After": str(error.members.get("retry_after_s", RETRY_AFTER_S))}
        case LoginNeeded():
            return {"WWW-Authenticate": 'Session realm="KaleCart"'}
        case refusals.WrongMethod():
            return {"Allow": error.allowed}
        case _:
            return {}


def kinds(root: type[errors.KaleCartError] = errors.KaleCartError) -> list[type[errors.KaleCartError]]:
    """Every class of error in the house, by name."""
    below = [kind for child in root.__subclasses__() for kind in (child, *kinds(child))]
    return sorted(set(below), key=lambda kind: kind.__name__)
