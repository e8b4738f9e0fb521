"""The cart: look into it, change it, and notice where a browser keeps no cookies (C2)."""

from typing import Final
from urllib.parse import quote as quoted

from aiohttp import web

from kalecart.carts.cart import Cart, StaleCart
from kalecart.carts.fill import set_line
from kalecart.errors import Invalid
from web.identity import customer_of, visitor_hash_of
from web.keys import COOKIES, RUNTIME
from web.pages.changes import Change, Removed, change_of, differences, named_lines
from web.pages.forms import form_of, query_text
from web.pages.frame import frame_of, framed, local, partial
from web.pages.rendering import render
from web.pages.shelves import SHELVES

# A refusal replaces the page it was asked from: the older one is no longer true.
WHOLE_PAGE: Final = {"HX-Retarget": "body", "HX-Reswap": "outerHTML show:top", "HX-Replace-Url": "/cart"}


async def cart_page(request: web.Request) -> web.Response:
    frame = await frame_of(request)
    removed = await named_lines(request, query_text(request, "removed", most=100))
    gone = query_text(request, "gone", most=4)
    problem = "Some of that order is not sold any more and was left out." if gone.isdecimal() else None
    return await _page(request, frame.cart, removed=next(iter(removed), None), problem=problem)


async def fill_cart(request: web.Request) -> web.Response:
    """Set how many of a product are in the cart. Answers with the changed parts, or goes back where it came from."""
    change = change_of(await form_of(request))
    runtime, cookies = request.app[RUNTIME], request.app[COOKIES]
    token = cookies.token(request, cookies.cart)
    try:
        filled = await set_line(
            change.sku,
            change.quantity,
            token=token,
            expected_version=change.version,
            db=runtime.db,
            now=runtime.clock.now(),
            session_hash=visitor_hash_of(request),
        )
    except StaleCart as stale:
        return await _page(request, stale.cart, stale=change, status=409)
    except Invalid as invalid:
        return await _refused(request, invalid)
    fresh = filled.token is not None and filled.token != token
    response = (
        await _changed(request, change, filled.cart, fresh=fresh) if partial(request) else _back(change, fresh=fresh)
    )
    if fresh and filled.token:
        cookies.set(response, cookies.cart, filled.token)
    return response


async def cookie_kept(request: web.Request) -> web.Response:
    """One step after a cookie was set: whoever does not bring it back is told why the cart stays empty (E13)."""
    cookies = request.app[COOKIES]
    kept = any(cookies.token(request, name) for name in cookies.names)
    if partial(request):
        return web.Response(status=204, headers={} if kept else {"HX-Redirect": "/cookies-off?off=1"})
    raise web.HTTPSeeOther(local(request.query.get("to")) if kept else "/cookies-off?off=1")


async def cookies_off(request: web.Request) -> web.Response:
    return render("cookies_off.html", frame=await frame_of(request), off="off" in request.query)


def kept_then(address: str) -> str:
    """Where to go first after a cookie was set."""
    return f"/cookies?to={quoted(address, safe='')}"


def _back(change: Change, *, fresh: bool) -> web.Response:
    if change.quantity == 0 and change.origin == "/cart":
        address = f"/cart?removed={quoted(f'{change.sku}:{change.before or 1}', safe='')}"
    else:
        address = f"{change.origin}#step-{change.sku}"
    return web.Response(status=303, headers={"Location": kept_then(address) if fresh else address})


async def _changed(request: web.Request, change: Change, cart: Cart | None, *, fresh: bool) -> web.Response:
    frame = framed(request, cart, signed_in=await customer_of(request) is not None)
    line = next((line for line in cart.lines if line.sku == change.sku), None) if cart else None
    names = [] if line else await named_lines(request, f"{change.sku}:{change.before or 1}")
    removed: Removed | None = next(iter(names), None)
    return render(
        "changed.html",
        frame=frame,
        sku=change.sku,
        p=line or removed,
        held=line.quantity if line else 0,
        removed=removed,
        fresh=fresh,
        on_cart_page=change.origin.partition("?")[0] == "/cart",
        next_window=(await request.app[SHELVES].look()).next_window,
    )


async def _refused(request: web.Request, invalid: Invalid) -> web.Response:
    words = " ".join(invalid.problems.values())
    if partial(request):
        return render("refused.html", status=422, words=words)
    frame = await frame_of(request)
    return await _page(request, frame.cart, problem=words, status=422)


async def _page(
    request: web.Request,
    cart: Cart | None,
    *,
    stale: Change | None = None,
    problem: str | None = None,
    removed: Removed | None = None,
    status: int = 200,
) -> web.Response:
    signed_in = await customer_of(request) is not None
    return render(
        "cart.html",
        status=status,
        headers=WHOLE_PAGE if partial(request) else None,
        frame=framed(request, cart, signed_in=signed_in),
        stale=stale is not None,
        differences=differences(stale.seen, cart) if stale else [],
        problem=problem,
        removed=removed,
        next_window=(await request.app[SHELVES].look()).next_window,
    )
