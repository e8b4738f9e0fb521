"""For whoever runs the shop: is the process alive, can it serve, how is it doing."""

import contextlib

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from kalecart.errors import Unavailable
from kalecart.readiness import migrated
from web.keys import EDGE, QUEUE, RUNTIME


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
    """What this process did, and how the queue is. Without the database it tells of itself alone."""
    metrics = request.app[EDGE].metrics
    with contextlib.suppress(Unavailable):
        metrics.show_queue(await request.app[QUEUE].seen())
    return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
