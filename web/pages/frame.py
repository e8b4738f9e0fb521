"""What surrounds every page: who is logged in, what is in the cart, whether this is a demonstration."""

from dataclasses import dataclass, replace
from urllib.parse import quote as quoted

from aiohttp import web

from kalecart.carts.cart import Cart
from kalecart.carts.quote import Quote, quote
from kalecart.carts.reads import cart_of
from kalecart.ids import CustomerId
from kalecart.openness.reads import unread_by
from kalecart.terms import Terms
from web.identity import customer_of
from web.keys import COOKIES, RUNTIME

# An address to go on to after a detour; longer ones are not ours.
ADDRESS_LENGTH_MAX = 300

# Where customers come anyway: they are told there of a new policy as well as by letter.
TOLD_ON = ("/account", "/orders")


@dataclass(frozen=True, kw_only=True)
class Frame:
    """`known` is False where nobody looked: an error page must not need the database that may be the error."""

    demo: bool
    path: str
    signed_in: bool
    cart: Cart | None
    terms: Terms
    known: bool = True
    # The version of the policy that the customer was told of and has not said to have read.
    unread: str | None = None

    @property
    def quote(self) -> Quote:
        return quote(self.cart.lines if self.cart else (), self.terms)

    @property
    def seen(self) -> str:
        """What this page shows of the cart, so that a tab left behind can be told what changed since (E5)."""
        return " ".join(f"{line.sku}:{line.quantity}" for line in self.cart.lines) if self.cart else ""

    @property
    def obstructed(self) -> bool:
        """Whether something in the cart cannot be delivered as it is."""
        lines = self.cart.lines if self.cart else ()
        return any(not line.active or line.on_hand < line.quantity for line in lines)


async def frame_of(request: web.Request) -> Frame:
    runtime, cookies = request.app[RUNTIME], request.app[COOKIES]
    customer = await customer_of(request)
    token = cookies.token(request, cookies.cart)
    cart, unread = None, None
    if token is not None:
        async with runtime.db.direct() as pg:
            cart = await cart_of(pg, token, now=runtime.clock.now())
    if customer is not None and request.path.startswith(TOLD_ON):
        async with runtime.db.direct() as pg:
            unread = await unread_by(pg, customer)
    return replace(framed(request, cart, signed_in=customer is not None), unread=unread)


def framed(request: web.Request, cart: Cart | None, *, signed_in: bool) -> Frame:
    """Around a cart that is at hand already."""
    settings = request.app[RUNTIME].settings
    return Frame(demo=settings.demo, path=request.path, signed_in=signed_in, cart=cart, terms=settings.terms)


def bare_frame(request: web.Request) -> Frame:
    """Without a look at the database."""
    settings, cookies = request.app[RUNTIME].settings, request.app[COOKIES]
    signed_in = cookies.token(request, cookies.session) is not None
    return Frame(
        demo=settings.demo, path=request.path, signed_in=signed_in, cart=None, terms=settings.terms, known=False
    )


async def signed_in(request: web.Request) -> CustomerId:
    """The customer; a visitor is sent to log in and comes back here."""
    customer = await customer_of(request)
    if customer is None:
        back = request.path_qs if request.method == "GET" else "/"
        raise web.HTTPSeeOther(f"/log-in?to={quoted(back, safe='')}")
    return customer


def local(address: str | None, otherwise: str = "/") -> str:
    """An address on this site, or `otherwise`: nobody is sent elsewhere by a link somebody else made."""
    if not address or len(address) > ADDRESS_LENGTH_MAX or not address.isprintable():
        return otherwise
    ours = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if ours else otherwise


def partial(request: web.Request) -> bool:
    """Whether htmx asks for a part of a page."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
