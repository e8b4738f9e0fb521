"""How the shop keeps its promises: for each the code, the test, and what can be seen of it now (C9)."""

from aiohttp import web

from kalecart.openness.promises import promises
from web.evidence import EVIDENCE
from web.pages.frame import frame_of
from web.pages.rendering import render


async def promises_page(request: web.Request) -> web.Response:
    seen = await request.app[EVIDENCE].look()
    return render("promises.html", frame=await frame_of(request), promises=promises(), seen=seen)
