"""What an API handler says about itself. The same declaration reads the request and writes the specification, so that
neither can say something the other does not.
"""

import functools
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from kalecart.catalogue.cells import SKU_PATTERN
from kalecart.errors import KaleCartError, NotFound
from kalecart.staff.rights import Right
from web.identity import at_work, require_customer, require_staff
from web.parse import Parsed, all_or_malformed, body_of, query_of

# Where the verb finds the customer itself, nobody is looked up before it.
Who = Literal["anybody", "customer", "customer in the verb", "staff"]
ApiHandler = Callable[..., Awaitable[web.StreamResponse]]

UUID_PATTERN: Final = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"


@dataclass(frozen=True, kw_only=True)
class PathPart:
    """A variable part of the path. What does not fit its pattern names nothing: 404, as for an id that never was."""

    pattern: str
    description: str
    convert: Callable[[str], Any] = str

    def read(self, text: str) -> Any:
        if not re.fullmatch(self.pattern.strip("^$"), text):
            raise NotFound("Check the address.")
        return self.convert(text)


SKU: Final = PathPart(pattern=f"^{SKU_PATTERN}$", description="A product's SKU, as `GET /api/v1/products` gives it.")
SURVEY_ID: Final = PathPart(pattern=UUID_PATTERN, description="A survey's id.", convert=UUID)
ORDER_ID: Final = PathPart(pattern=UUID_PATTERN, description="An order's id.", convert=UUID)


@dataclass(frozen=True, kw_only=True)
class Header:
    """A request header that carries part of what is asked."""

    name: str
    argument: str
    pattern: str
    description: str
    wrong: str
    required: bool = True

    def read(self, request: web.Request) -> Parsed:
        given = request.headers.get(self.name)
        if given is None and not self.required:
            return Parsed(value=None)
        if given is None or not re.fullmatch(self.pattern.strip("^$"), given):
            return Parsed(value=None, errors=({"header": self.name, "detail": self.wrong},))
        return Parsed(value=given)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`errors` are the refusals of the verb behind it; what any request may meet is added in the specification."""

    summary: str
    ok: tuple[int, type[BaseModel] | str | None]
    who: Who = "anybody"
    right: Right | None = "orders:read"  # what a member of staff needs; None where whoever works here may
    path: Mapping[str, PathPart] = field(default_factory=dict)
    header: Header | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    raw: type[BaseModel] | None = None  # a body the handler reads byte by byte; only described
    media: str = "application/json"
    errors: tuple[type[KaleCartError], ...] = ()
    also: Mapping[int, str] = field(default_factory=dict)  # further statuses without a body, and what they mean


def operation(declared: Operation) -> Callable[[ApiHandler], ApiHandler]:
    """Call the handler with what was declared: path parts by name, `header`'s argument, `query`, `body`."""

    def declare(handler: ApiHandler) -> ApiHandler:
        @functools.wraps(handler)
        async def handle(request: web.Request) -> web.StreamResponse:
            if declared.who == "customer":
                await require_customer(request)
            elif declared.who == "staff":
                await (require_staff(request, declared.right) if declared.right else at_work(request))
            return await handler(request, **await _arguments(request, declared))

        handle.operation = declared  # ty: ignore[missing-attribute]  # read back by `declared_by`
        return handle

    return declare


def declared_by(handler: Any) -> Operation | None:
    return getattr(handler, "operation", None)


async def _arguments(request: web.Request, declared: Operation) -> dict[str, Any]:
    arguments = {name: part.read(request.match_info[name]) for name, part in declared.path.items()}
    parts: dict[str, Parsed] = {}
    if declared.header is not None:
        parts[declared.header.argument] = declared.header.read(request)
    if declared.query is not None:
        parts["query"] = query_of(request, declared.query)
    if declared.body is not None:
        parts["body"] = await body_of(request, declared.body)
    return arguments | all_or_malformed(parts)
