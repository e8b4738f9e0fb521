"""The whole catalogue as it stood at most a second ago, drawn once for every visitor of this process.

Two hundred cards cost ten milliseconds to read and draw, and are the same for everybody but for what is in the cart.
Stock and prices are looked at again in the cart and when the order is placed, so a second's age misleads nobody there.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from aiohttp import web
from markupsafe import Markup

from kalecart.catalogue import reads as catalogue
from kalecart.catalogue.product import Aisle, ProductCard
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.windows import reads as windows
from kalecart.windows.window import WindowOffer
from web.pages.rendering import environment

AGE_MAX_S: Final = 1.0
DRAWN_MAX: Final = 4_096
TINTS: Final = 6


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Products that stand together, each with its card as it looks while none of it is in the cart."""

    title: str | None
    cards: Sequence[tuple[ProductCard, Markup]]


@dataclass(frozen=True, kw_only=True)
class Stocked:
    """What the shop shows: its shelves, its aisles with a colour each, and when it delivers next."""

    shelves: Sequence[Shelf]
    aisles: Sequence[Aisle]
    tints: Mapping[str, str]
    by_sku: Mapping[str, ProductCard]
    next_window: WindowOffer | None

    def product(self, sku: str) -> ProductCard | None:
        return self.by_sku.get(sku)

    def in_aisle(self, aisle: str) -> Sequence[Shelf]:
        return [Shelf(title=None, cards=shelf.cards) for shelf in self.shelves if shelf.title == aisle]

    def found(self, products: Sequence[ProductCard]) -> Sequence[Shelf]:
        """Search results, on one shelf."""
        return [Shelf(title=None, cards=drawn(products, self.tints))] if products else []


class Shelves:
    """Reads and draws when somebody looks and the last look is too old; one does it, the others wait for that one."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._looking = asyncio.Lock()
        self._stocked: Stocked | None = None
        self._looked_at_s = 0.0

    async def look(self) -> Stocked:
        if self._stocked is not None and time.monotonic() - self._looked_at_s < AGE_MAX_S:
            return self._stocked
        async with self._looking:
            if self._stocked is None or time.monotonic() - self._looked_at_s >= AGE_MAX_S:
                self._stocked = await self._read()
                self._looked_at_s = time.monotonic()
            return self._stocked

    async def _read(self) -> Stocked:
        async with self._db.snapshot() as tx:
            products = await catalogue.search(tx, "")
            aisles = await catalogue.aisles(tx)
            offers = await windows.offered(tx, now=self._clock.now())
        tints = {aisle.name: f"t{index % TINTS}" for index, aisle in enumerate(aisles)}
        by_aisle = groupby(products, key=lambda card: card.aisle)
        return Stocked(
            shelves=[Shelf(title=title, cards=drawn(list(cards), tints)) for title, cards in by_aisle],
            aisles=aisles,
            tints=tints,
            by_sku={card.sku: card for card in products},
            next_window=next((offer for offer in offers if offer.left > 0), None),
        )


SHELVES: Final = web.AppKey("shelves", Shelves)


def drawn(products: Sequence[ProductCard], tints: Mapping[str, str]) -> Sequence[tuple[ProductCard, Markup]]:
    return [(card, _drawn(card, tints.get(card.aisle, "t0"))) for card in products]


@lru_cache(maxsize=DRAWN_MAX)
def _drawn(card: ProductCard, tint: str) -> Markup:
    """A card is a value: the same product with the same price and stock looks the same."""
    return Markup(environment().get_template("card.html").render(p=card, tint=tint, held=0))  # noqa: S704  # a template's output
