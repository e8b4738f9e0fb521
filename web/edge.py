"""The one middleware: every request goes through here and nothing else runs around the handlers.

It counts, refuses what came from another site, and turns every error into an answer. It logs errors only: a line for
each request would cost the order's path more than its routing does.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from kalecart.clock import Clock
from kalecart.errors import Forbidden, KaleCartError, NotFound, Unavailable
from web import problems, refusals
from web.bodies import Bodies
from web.cookies import Cookies
from web.csrf import meant
from web.metrics import Metrics

# More would only wait longer for the same few connections to the database.
IN_FLIGHT_MAX: Final = 256
# What programs read; everything else is a page.
PROGRAM_PATHS: Final = ("/api/", "/stripe/", "/healthz", "/readyz", "/metrics")
# Signed, and sent by Stripe's servers, which have no origin and no cookies.
SIGNED_PATH: Final = "/stripe/webhook"
# Staff hand in files there: the handler knows who it is before it takes a body that is larger than any other.
UPLOAD_PATHS: Final = frozenset({"/staff/sources", "/api/v1/staff/sources", "/staff/complaints"})
BUG_STATUS: Final = 500
# Nobody is there to read it; it is for the metrics.
HUNG_UP_STATUS: Final = 499

# Facts an error's own members cannot carry, because only the edge knows how to show them.
Facts = Mapping[type, Callable[[Any, web.Request], dict[str, Any]]]
RenderError = Callable[[web.Request, int, str, str], web.Response]
# Told of every refusal before it is answered.
Witness = Callable[[web.Request, KaleCartError], Awaitable[None]]

log = structlog.get_logger()


@dataclass(kw_only=True)
class Edge:
    """What the middleware needs, and what it counts."""

    clock: Clock
    cookies: Cookies
    metrics: Metrics
    public_origin: str
    facts: Facts
    render_page: RenderError
    witness: Witness
    bodies: Bodies = field(default_factory=Bodies)
    in_flight: int = 0

    def __post_init__(self) -> None:
        self.metrics.in_flight.set_function(lambda: self.in_flight)
        self.metrics.bodies.set_function(lambda: len(self.bodies))

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.perf_counter()
        self.in_flight += 1
        status = BUG_STATUS
        try:
            response = await self._answered(request, handler)
            status = response.status
        except web.HTTPException as redirect:
            status = redirect.status
            raise
        else:
            return response
        finally:
            self.in_flight -= 1
            self.metrics.observe(request.method, _route(request), status, time.perf_counter() - began)

    @contextmanager
    def streaming(self) -> Generator[None]:
        """While a handler only waits to pass events on."""
        self.metrics.streams.inc()
        try:
            with self.waiting():
                yield
        finally:
            self.metrics.streams.dec()

    @contextmanager
    def waiting(self) -> Generator[None]:
        """Whoever waits for somebody outside takes no place among the requests in flight meanwhile."""
        self.in_flight -= 1
        try:
            yield
        finally:
            self.in_flight += 1

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._refuse(request)
            if self._comes_first(request):
                with self.waiting():
                    await self.bodies.taken(request)
                self._refuse_too_many()
            return await handler(request)
        except KaleCartError as error:
            if isinstance(error, Forbidden):
                await self.witness(request, error)
            return self._refused(request, error)
        except web.HTTPException as error:
            if error.status < 400:  # noqa: PLR2004  # a redirect
                raise
            return self._refused(request, _own(error))
        except asyncio.CancelledError:
            raise
        except ConnectionResetError:
            # The framework would write an error for each, and whoever likes can make as many as they like.
            return web.Response(status=HUNG_UP_STATUS)
        except Exception as bug:  # noqa: BLE001  # whatever nobody foresaw: said in the log, and nowhere else
            return self._broken(request, bug)

    def _comes_first(self, request: web.Request) -> bool:
        """Whether the body is waited for before anybody handles the request."""
        handled = request.match_info.http_exception is None and request.path not in UPLOAD_PATHS
        return handled and not request.content.is_eof()

    def _refuse(self, request: web.Request) -> None:
        self._refuse_too_many()
        if request.path == SIGNED_PATH:
            return
        cookie = request.headers.get("Cookie", "")
        ours = "kale_" in cookie and any(f"{name}=" in cookie for name in self.cookies.names)
        if not meant(request.method, request.headers, public_origin=self.public_origin, has_cookie=ours):
            raise refusals.CrossSite(
                "Send it from the shop's own pages. A program that keeps cookies sends the header "
                f"Origin: {self.public_origin}."
            )

    def _refuse_too_many(self) -> None:
        if self.in_flight > IN_FLIGHT_MAX:
            raise refusals.Busy("Try again in a moment.")

    def _refused(self, request: web.Request, error: KaleCartError) -> web.Response:
        instance = new_instance()
        kind = type(error)
        status = problems.status_of(kind)
        if isinstance(error, Unavailable) or status == BUG_STATUS:
            log.warning("unavailable", request_id=instance, error=kind.__name__, route=_route(request))
        headers = problems.headers_of(error, now=self.clock.now())
        if not request.path.startswith(PROGRAM_PATHS):
            page = self.render_page(request, status, kind.title(), error.detail)
            page.headers.update(headers)
            return page
        described = next((self.facts[ancestor] for ancestor in kind.__mro__ if ancestor in self.facts), None)
        members = described(error, request) if described else {}
        body = problems.document(error, instance=instance, **members)
        return web.Response(status=status, body=body, headers=headers, content_type=problems.CONTENT_TYPE)

    def _broken(self, request: web.Request, bug: Exception) -> web.Response:
        instance = new_instance()
        log.error("bug", request_id=instance, route=_route(request), method=request.method, exc_info=bug)
        if not request.path.startswith(PROGRAM_PATHS):
            detail = f"{problems.BUG_DETAIL} If it happens again, tell us this number: {instance}"
            return self.render_page(request, BUG_STATUS, problems.BUG_TITLE, detail)
        body = problems.bug_document(instance=instance)
        return web.Response(status=BUG_STATUS, body=body, content_type=problems.CONTENT_TYPE)


def new_instance() -> str:
    """The number of one problem, to find it in the logs by. Made only when there is one."""
    return f"urn:kalecart:problem:{secrets.token_hex(8)}"


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unmatched"


def _own(error: web.HTTPException) -> KaleCartError:
    """The framework's refusals, in our words."""
    match error:
        case web.HTTPMethodNotAllowed():
            return refusals.WrongMethod(error.allowed_methods)
        case web.HTTPRequestEntityTooLarge():
            return refusals.TooLarge("Send at most 64 kB.")
        case web.HTTPUnsupportedMediaType():
            return refusals.WrongContentType("Send application/json.")
        case web.HTTPForbidden():
            return refusals.Forbidden()
        case web.HTTPBadRequest():
            return refusals.NotJson("The request cannot be read.")
        case _:
            return NotFound("Check the address.")
