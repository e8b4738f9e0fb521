"""The policy as it is in force, and every earlier version (C9)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from markupsafe import Markup

from kalecart.clock import shop_date
from kalecart.policy import reads as policy
from web.keys import RUNTIME
from web.pages.forms import query_text
from web.pages.frame import frame_of
from web.pages.rendering import render

HEADING: Final = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the table of contents."""

    id: str
    title: Markup


async def policy_page(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    wanted = query_text(request, "version", most=40)
    async with runtime.db.snapshot() as tx:
        shown = await policy.version(tx, wanted) if wanted else await policy.current(tx, shop_date(runtime.clock.now()))
        versions = [other.version for other in await policy.published(tx)]
    return render(
        "policy.html",
        frame=await frame_of(request),
        policy=shown,
        html=Markup(shown.html),  # noqa: S704  # rendered with raw HTML off, see policy/versions.py
        toc=_toc(shown.html),
        versions=versions,
    )


def _toc(html: str) -> Sequence[Entry]:
    return [Entry(id=found[1], title=Markup(found[2])) for found in HEADING.finditer(html)]  # noqa: S704  # as above
