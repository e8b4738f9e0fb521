"""For whoever runs the shop: is the process alive, can it serve, how is it doing."""

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from kalecart.errors import Unavailable
from kalecart.readiness import migrated
from web.keys import EDGE, RUNTIME


async def get_health(_request: web.Request) -> web.Response:
    """The process runs and its loop turns. Says nothing about what it depends on: restarting would not help that."""
    return web.json_response({"status": "alive"})


async def get_readiness(request: web.Request) -> web.Response:
    """The database answers and is migrated. Valkey is not asked: the shop sells without it."""
    async with request.app[RUNTIME].db.direct() as pg:
        if not await migrated(pg):
            raise Unavailable("The database is not migrated.")
    return web.json_response({"status": "ready"})


async def get_metrics(request: web.Request) -> web.Response:
    return web.Response(body=request.app[EDGE].metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
