"""What left the shop about a customer: to whom, what for and when (C10)."""

from typing import Final
from uuid import UUID

from aiohttp import web

from kalecart.disclosures import disclosures_of
from web.keys import RUNTIME
from web.pages.forms import query_text
from web.pages.frame import frame_of, signed_in
from web.pages.rendering import render

PAGE: Final = 50


async def disclosures_page(request: web.Request) -> web.Response:
    customer, before = await signed_in(request), _before(request)
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await disclosures_of(tx, customer, limit=PAGE + 1, before=before)
    return render(
        "disclosures.html",
        frame=await frame_of(request),
        lines=found[:PAGE],
        before=before,
        older=found[PAGE - 1].id if len(found) > PAGE else None,
    )


def _before(request: web.Request) -> UUID | None:
    """A place in the list that cannot be read is its beginning."""
    try:
        return UUID(query_text(request, "before", most=36))
    except ValueError:
        return None
