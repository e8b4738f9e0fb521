"""Global Privacy Control: what a browser asks for its person with every request."""

from datetime import date
from typing import Final

from aiohttp import web

# Since when the shop does what the signal asks.
HONOURED_SINCE: Final = date(2026, 11, 22)


def asks_not_to_be_counted(request: web.Request) -> bool:
    """Whether the request carries `Sec-GPC: 1`; any other value says nothing."""
    return request.headers.get("Sec-GPC") == "1"


async def get_support(_request: web.Request) -> web.Response:
    """Where the signal's specification looks for whether a site honours it."""
    return web.json_response({"gpc": True, "lastUpdate": HONOURED_SINCE.isoformat()})
