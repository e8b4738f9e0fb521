"""What request and response models have in common."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

# What a PostgreSQL integer holds.
INTEGER_MAX: Final = 2**31 - 1
# Text of one line. NUL and its kin have no place in a search, and PostgreSQL refuses to store them.
LINE_PATTERN: Final = r"^[^\u0000-\u001f\u007f]*$"

_RFC_3339: Final = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})")


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _instant(value: object) -> object:
    """RFC 3339 and nothing else: Pydantic would also read numbers, dates, and times of nowhere."""
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    raise PydanticCustomError("instant", "Send an instant such as 2026-11-22T18:00:00Z")


# JSON has one kind of number: its schema's `integer` includes 12.0, and so do we. True and "12" are not numbers.
Whole = Annotated[int, BeforeValidator(_whole)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Cents = Annotated[Whole, Field(ge=0, le=INTEGER_MAX, description="US cents.")]
ShownVersion = Annotated[
    str, Field(max_length=40, pattern=LINE_PATTERN, description="The version of the policy that was shown.")
]


class Body(BaseModel):
    """What is sent: nothing is guessed, converted or ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Query(BaseModel):
    """What is asked for in the address: everything there is text."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class View(BaseModel):
    """What is answered, made from the domain's own objects."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def answer(view: BaseModel, *, status: int = 200, headers: Mapping[str, Any] | None = None) -> web.Response:
    body = view.model_dump_json().encode()
    return web.Response(status=status, body=body, headers=headers, content_type="application/json")


def nothing() -> web.Response:
    """Done, and there is nothing to say about it."""
    return web.Response(status=204)
