"""A change of the cart as a page asks for it, and what changed since that page was made."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from kalecart.carts.cart import LINES_MAX, QUANTITY_MAX, Cart
from kalecart.catalogue import reads as catalogue
from kalecart.errors import Invalid
from web.keys import RUNTIME
from web.pages.frame import local

LINE: Final = re.compile(r"([^\s:]{1,80}):([0-9]{1,3})")
VERSION: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, kw_only=True)
class Change:
    """`seen` is the cart as the page showed it, `origin` the page to go back to."""

    sku: str
    quantity: int
    version: int | None
    seen: Mapping[str, int]
    origin: str

    @property
    def before(self) -> int:
        return self.seen.get(self.sku, 0)


@dataclass(frozen=True, kw_only=True)
class Removed:
    """A line that can be put back."""

    sku: str
    name: str
    quantity: int
    on_hand: int


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A product of which there are now more or fewer than a page showed."""

    name: str
    seen: int
    now: int


def change_of(form: Mapping[str, str]) -> Change:
    found = LINE.fullmatch(form.get("line", ""))
    if found is None:
        raise Invalid({"/line": f"Choose a product and a whole number from 0 to {QUANTITY_MAX}."})
    version = form.get("version", "")
    return Change(
        sku=found[1],
        quantity=int(found[2]),
        version=int(version) if VERSION.fullmatch(version) else None,
        seen=seen_of(form.get("seen", "")),
        origin=local(form.get("from")),
    )


def seen_of(text: str) -> dict[str, int]:
    """`kale:2 eggs:1` as a page noted it. What a page did not write is left out."""
    lines = (LINE.fullmatch(line) for line in text.split()[:LINES_MAX])
    return {line[1]: int(line[2]) for line in lines if line}


def differences(seen: Mapping[str, int], cart: Cart | None) -> Sequence[Difference]:
    """What is in the cart now and was not seen so, then what is no longer in it."""
    lines = cart.lines if cart else ()
    changed = [
        Difference(name=line.name, seen=seen.get(line.sku, 0), now=line.quantity)
        for line in lines
        if seen.get(line.sku, 0) != line.quantity
    ]
    gone = sorted(seen.keys() - {line.sku for line in lines})
    return [*changed, *(Difference(name=sku.replace("-", " ").capitalize(), seen=seen[sku], now=0) for sku in gone)]


async def named_lines(request: web.Request, text: str) -> Sequence[Removed]:
    """Lines that were taken out, with what it takes to put them back. Products we never had are left out."""
    wanted = seen_of(text)
    if not wanted:
        return []
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await catalogue.products_by_sku(tx, list(wanted))
    return [Removed(sku=sku, name=card.name, quantity=wanted[sku], on_hand=card.buyable) for sku, card in found.items()]
