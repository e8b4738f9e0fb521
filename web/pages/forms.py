"""Forms as browsers send them, and what was wrong with them as a page shows it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

from aiohttp import web

from kalecart.errors import Invalid, KaleCartError
from web.parse import read_bytes
from web.refusals import NotJson, WrongContentType

FIELDS_MAX: Final = 100
FORM: Final = "application/x-www-form-urlencoded"


async def form_of(request: web.Request) -> dict[str, str]:
    """Every field once, the last; NUL, which no database takes, is left out."""
    if request.content_type != FORM:
        raise WrongContentType("Use the page's own form.")
    try:
        sent = (await read_bytes(request)).decode("utf-8")
        fields = parse_qsl(sent, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except ValueError:
        raise NotJson("The form cannot be read. Go back and send it again.") from None
    return {name: value.replace("\0", "") for name, value in fields}


def made_by(request: web.Request, form: Mapping[str, str], *, whose: UUID | None, content: bytes = b"") -> UUID | None:
    """The id of what a form makes, which has a key: the same for the same words under the same key, so that a form that
    is sent twice makes one thing, and with other words, by somebody else or to another address another."""
    if not form.get("key"):
        return None
    said = json.dumps([request.path, str(whose), sorted(form.items())]).encode()
    return UUID(bytes=hashlib.sha256(said + hashlib.sha256(content).digest()).digest()[:16], version=4)


def query_text(request: web.Request, name: str, *, most: int) -> str:
    """A text out of the address, trimmed to what a person would type."""
    return request.query.get(name, "").replace("\0", "").strip()[:most]


def problems_of(error: Invalid, renamed: Mapping[str, str] | None = None) -> dict[str, str]:
    """Each problem under the name of the field it belongs to: `/address/street` is the field `street`."""
    names = renamed or {}
    return {names.get(pointer, pointer.rpartition("/")[2]): words for pointer, words in error.problems.items()}


def sentence(error: KaleCartError) -> str:
    """An error as a person reads it: what it is, then what to do."""
    return f"{error.title()} {error.detail}".strip()
