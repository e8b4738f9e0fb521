"""The shop itself: shelves, search, one product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from aiohttp import web

from kalecart.catalogue import reads as catalogue
from kalecart.catalogue.product import Aisle, ProductCard
from kalecart.errors import NotFound
from kalecart.windows import reads as windows
from kalecart.windows.window import WindowOffer
from web.keys import RUNTIME
from web.pages.forms import query_text
from web.pages.frame import Frame, frame_of, partial
from web.pages.rendering import render

QUERY_LENGTH_MAX: Final = 80
AISLE_LENGTH_MAX: Final = 80
TINTS: Final = 6


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Products that stand together; search results have no title."""

    title: str | None
    products: Sequence[ProductCard]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a look at the catalogue gave."""

    products: Sequence[ProductCard]
    aisles: Sequence[Aisle]
    meant: str | None
    next_window: WindowOffer | None


async def shop(request: web.Request) -> web.Response:
    """The catalogue, an aisle of it, or what a search finds; only that part where htmx asks while one types."""
    query = query_text(request, "q", most=QUERY_LENGTH_MAX)
    aisle = query_text(request, "aisle", most=AISLE_LENGTH_MAX) or None
    frame = await frame_of(request)
    found = await _look(request, query, aisle)
    return render(
        "shelves_partial.html" if partial(request) else "catalogue.html",
        frame=frame,
        query=query,
        aisle=aisle,
        count=len(found.products),
        shelves=_shelves(found.products, whole=not query and not aisle),
        aisles=found.aisles,
        tints=_tints(found.aisles),
        quantities=_quantities(frame),
        meant=found.meant,
        next_window=found.next_window,
        here=request.path_qs,
    )


async def product(request: web.Request) -> web.Response:
    sku = request.match_info["sku"].replace("\0", "")
    frame = await frame_of(request)
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await catalogue.product(tx, sku)
        aisles = await catalogue.aisles(tx)
    if found is None:
        raise NotFound("We do not sell this.")
    held = _quantities(frame).get(sku, 0)
    tint = _tints(aisles).get(found.aisle, "t0")
    return render("product.html", frame=frame, p=found, held=held, tint=tint, here=request.path)


async def _look(request: web.Request, query: str, aisle: str | None) -> Found:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        products = await catalogue.search(tx, query, aisle)
        offers = [] if query or aisle else await windows.offered(tx, now=runtime.clock.now())
        return Found(
            products=products,
            aisles=await catalogue.aisles(tx),
            meant=await catalogue.did_you_mean(tx, query) if query and not products else None,
            next_window=next((offer for offer in offers if offer.left > 0), None),
        )


def _shelves(products: Sequence[ProductCard], *, whole: bool) -> Sequence[Shelf]:
    if not whole:
        return [Shelf(title=None, products=products)] if products else []
    by_aisle = groupby(products, key=lambda card: card.aisle)
    return [Shelf(title=title, products=list(cards)) for title, cards in by_aisle]


def _tints(aisles: Sequence[Aisle]) -> Mapping[str, str]:
    """A colour for each aisle, the same on every page."""
    return {aisle.name: f"t{index % TINTS}" for index, aisle in enumerate(aisles)}


def _quantities(frame: Frame) -> Mapping[str, int]:
    return {line.sku: line.quantity for line in frame.cart.lines} if frame.cart else {}
