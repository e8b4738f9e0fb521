"""The shop itself: shelves, search, one product."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from kalecart.catalogue import reads as catalogue
from kalecart.catalogue.product import ProductCard
from kalecart.errors import NotFound
from web.keys import RUNTIME
from web.pages.forms import query_text
from web.pages.frame import Frame, frame_of, partial
from web.pages.rendering import render
from web.pages.shelves import SHELVES

QUERY_LENGTH_MAX: Final = 80
AISLE_LENGTH_MAX: Final = 80


async def shop(request: web.Request) -> web.Response:
    """The catalogue, an aisle of it, or what a search finds; only that part where htmx asks while one types."""
    query = query_text(request, "q", most=QUERY_LENGTH_MAX)
    aisle = query_text(request, "aisle", most=AISLE_LENGTH_MAX) or None
    frame = await frame_of(request)
    stocked = await request.app[SHELVES].look()
    meant = None
    if query:
        async with request.app[RUNTIME].db.snapshot() as tx:
            products = await catalogue.search(tx, query, aisle)
            meant = await catalogue.did_you_mean(tx, query) if not products else None
        shelves = stocked.found(products)
    else:
        shelves = stocked.in_aisle(aisle) if aisle else stocked.shelves
    return render(
        "shelves_partial.html" if partial(request) else "catalogue.html",
        frame=frame,
        query=query,
        aisle=aisle,
        count=sum(len(shelf.cards) for shelf in shelves),
        shelves=shelves,
        stocked=stocked,
        quantities=_quantities(frame),
        meant=meant,
        here=request.path_qs,
    )


async def product(request: web.Request) -> web.Response:
    sku = request.match_info["sku"].replace("\0", "")
    frame = await frame_of(request)
    stocked = await request.app[SHELVES].look()
    found = stocked.product(sku) or await _retired(request, sku)
    held = _quantities(frame).get(sku, 0)
    tint = stocked.tints.get(found.aisle, "t0")
    return render("product.html", frame=frame, p=found, held=held, tint=tint, here=request.path)


async def _retired(request: web.Request, sku: str) -> ProductCard:
    """No longer on a shelf, but orders and carts still link to it."""
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await catalogue.product(tx, sku)
    if found is None:
        raise NotFound("We do not sell this.")
    return found


def _quantities(frame: Frame) -> Mapping[str, int]:
    return {line.sku: line.quantity for line in frame.cart.lines} if frame.cart else {}
