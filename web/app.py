"""The web application, wired in sight."""

from collections.abc import AsyncIterator
from functools import cache
from typing import Final

from aiohttp import web

from kalecart.allowances import Allowances
from kalecart.carts.cart import StaleCart
from kalecart.runtime import Runtime
from web.api.cart import stale_cart_facts
from web.api.documents import encoded
from web.api.openapi import specification
from web.cookies import Cookies
from web.csrf import origin_of
from web.edge import Edge, Facts
from web.evidence import EVIDENCE, Evidence
from web.headers import Dress
from web.keys import ALLOWANCES, COOKIES, EDGE, QUEUE, RUNTIME, SPECIFICATION, STREAMS
from web.metrics import Metrics
from web.order_streams import OrderStreams
from web.pages.errors import render_error
from web.pages.shelves import SHELVES, Shelves
from web.parse import BODY_BYTES_MAX
from web.queue_watch import QueueWatch
from web.routes import API, ROUTES
from web.witness import witness

FACTS: Final[Facts] = {StaleCart: stale_cart_facts}


def create_app(runtime: Runtime) -> web.Application:
    """An application around a runtime, which whoever opened it closes."""
    settings = runtime.settings
    cookies = Cookies(secure=settings.secure)
    edge = Edge(
        clock=runtime.clock,
        cookies=cookies,
        metrics=Metrics(),
        public_origin=origin_of(settings.public_url),
        facts=FACTS,
        render_page=render_error,
        witness=witness,
    )
    app = web.Application(middlewares=[edge.middleware], client_max_size=BODY_BYTES_MAX)
    app[RUNTIME] = runtime
    app[COOKIES] = cookies
    app[EDGE] = edge
    app[SPECIFICATION] = _specification()
    app[STREAMS] = OrderStreams(runtime.db)
    app[QUEUE] = QueueWatch(runtime.db, runtime.clock)
    app[SHELVES] = Shelves(runtime.db, runtime.clock)
    app[EVIDENCE] = Evidence(runtime.db, runtime.clock)
    app.on_response_prepare.append(Dress(settings))
    app.on_shutdown.append(_end_streams)
    app.cleanup_ctx.append(_allowances)
    app.add_routes(ROUTES)
    return app


@cache
def _specification() -> bytes:
    """The routes do not change while a process runs."""
    return encoded(specification(API))


async def _end_streams(app: web.Application) -> None:
    app[QUEUE].close()
    await app[STREAMS].close()


async def _allowances(app: web.Application) -> AsyncIterator[None]:
    app[ALLOWANCES] = Allowances(app[RUNTIME].settings.valkey_url.get_secret_value())
    yield
    await app[ALLOWANCES].close()
