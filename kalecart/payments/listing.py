"""Stripe's lists, page after page, newest first: all of them are read the same way."""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

PAGE: Final = 100  # the most that Stripe gives at once

Described = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Span:
    """What Stripe made from `since` (None is the beginning) until `until`, without it."""

    since: datetime | None
    until: datetime


class Asker(Protocol):
    def __call__(self, method: str, path: str, **asked: Any) -> Awaitable[Described]: ...


async def pages(ask: Asker, path: str, span: Span, **asked: Any) -> AsyncIterator[Sequence[Described]]:
    """What was made in a span of time. Whatever is added while this reads comes before what was read."""
    created = {"lt": int(span.until.timestamp())}
    if span.since is not None:
        created["gte"] = int(span.since.timestamp())
    following: dict[str, str] = {}
    while True:
        page = await ask("get", path, limit=PAGE, created=created, **asked, **following)
        if page["data"]:
            yield page["data"]
        if not page["has_more"] or not page["data"]:
            return
        following = {"starting_after": page["data"][-1]["id"]}
