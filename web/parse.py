"""Reading what was sent: body, query and headers into models, with everything that is wrong at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ValidationError

from kalecart.errors import NotFound
from web import refusals

BODY_BYTES_MAX: Final = 64 * 1024
ERRORS_MAX: Final = 50

Error = dict[str, str]

# Pydantic's words are for programmers. These cover what people get wrong; the rest is said in Pydantic's.
_WORDS: Final = {
    "missing": "This is missing.",
    "extra_forbidden": "There is no such field here.",
    "string_type": "This must be text.",
    "string_too_short": "This must not be empty.",
    "string_pattern_mismatch": "This contains characters it cannot have.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "uuid_type": "This must be an id we gave you.",
    "uuid_parsing": "This must be an id we gave you.",
    "model_type": "This must be an object.",
}


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What of one part could be read, or what was wrong with it."""

    value: Any
    errors: tuple[Error, ...] = ()


def id_of(text: str) -> UUID | None:
    """An id of ours; None for what is none at all."""
    try:
        return UUID(text)
    except ValueError:
        return None


def date_of(text: str) -> date | None:
    """A day such as 2026-11-02, as a date field sends it; None for what is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def id_in(request: web.Request, name: str, *, missing: str) -> UUID:
    """An id in the path. What is none at all is answered like an id that never was: NotFound."""
    found = id_of(request.match_info[name])
    if found is None:
        raise NotFound(missing)
    return found


async def read_bytes(request: web.BaseRequest) -> bytes:
    """The whole body. The edge has waited for it already."""
    try:
        return await request.read()
    except web.RequestPayloadError:  # it says gzip and is none, or ends in the middle
        raise refusals.NotJson("The body cannot be read. Send it again.") from None
    except RuntimeError:  # how the framework says that nobody is at the other end any more
        raise ConnectionResetError from None


async def body_of(request: web.Request, model: type[BaseModel]) -> Parsed:
    """A JSON body. What is no JSON at all is refused at once, since nothing else can be said about it."""
    if request.content_type != "application/json":
        raise refusals.WrongContentType("Send application/json.")
    try:
        return Parsed(value=model.model_validate_json(await read_bytes(request)))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        if found[0]["type"] == "json_invalid":
            raise refusals.NotJson("Send one JSON object.") from None
        return Parsed(value=None, errors=tuple({"pointer": _pointer(e["loc"]), "detail": _words(e)} for e in found))


def query_of(request: web.Request, model: type[BaseModel]) -> Parsed:
    """A query. A parameter that is given twice counts once, the last."""
    try:
        return Parsed(value=model.model_validate(dict(request.query)))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        named = tuple({"parameter": ".".join(map(str, e["loc"])), "detail": _words(e)} for e in found)
        return Parsed(value=None, errors=named)


def all_or_malformed(parts: Mapping[str, Parsed]) -> dict[str, Any]:
    """The values of all parts, or one refusal with what is wrong in any of them."""
    wrong = [error for part in parts.values() for error in part.errors]
    if wrong:
        raise refusals.Malformed(wrong[:ERRORS_MAX])
    return {name: part.value for name, part in parts.items()}


def _pointer(place: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def _words(error: Any) -> str:
    return _WORDS.get(error["type"]) or f"{error['msg']}."
