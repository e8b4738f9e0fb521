"""The certificate of an erasure: what is gone, what is kept, why and until when (C10). It names nobody."""

from uuid import UUID

from aiohttp import web

from kalecart.errors import NotFound
from kalecart.paper import reads as paper
from kalecart.paper.item import SHRED_WITHIN
from kalecart.privacy.hold import KEPT
from kalecart.privacy.reads_erasure import certificate
from web.keys import RUNTIME
from web.pages.frame import frame_of
from web.pages.rendering import render


async def certificate_page(request: web.Request) -> web.Response:
    """By the number in the last letter: who reads it has no log-in any more."""
    try:
        erasure_id = UUID(request.match_info["erasure_id"])
    except ValueError:
        raise NotFound("There is no such certificate.") from None
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        erasure = await certificate(tx, erasure_id)
        papers = await paper.lying_about(tx, erasure.person.kind.column, erasure.person.id) if erasure else 0
    if erasure is None:
        raise NotFound("There is no such certificate.")
    horizon = round(runtime.settings.key_backup_days)
    return render(
        "erasure.html",
        frame=await frame_of(request),
        erasure=erasure,
        kept=KEPT,
        horizon_days=horizon,
        papers=papers,
        days=SHRED_WITHIN.days,
    )
