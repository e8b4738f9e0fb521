"""Why an order was not placed, as the checkout shows it: itemised, with what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kalecart.carts.cart import Cart, StaleCart
from kalecart.errors import KaleCartError
from kalecart.orders.refusals import OutOfStock, PriceChanged, UnknownCard
from kalecart.payments.method import BrandNotAccepted, CardUnusable
from web.pages.changes import Difference, differences, seen_of


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """`kind` gives the notice its colour. Lists are empty where they do not apply."""

    kind: str
    title: str
    detail: str
    changes: Sequence[Mapping[str, Any]] = ()
    shown_total_cents: int = 0
    total_cents: int = 0
    short: Sequence[Mapping[str, Any]] = ()
    differences: Sequence[Difference] = ()


def refusal_of(error: KaleCartError, form: Mapping[str, str], cart: Cart | None) -> Refusal:
    title, detail = error.title(), error.detail
    match error:
        case PriceChanged():
            shown = form.get("total_cents", "")
            return Refusal(
                kind="price",
                title=title,
                detail=detail,
                changes=error.members["changes"],
                shown_total_cents=int(shown) if shown.isdecimal() else 0,
                total_cents=error.members["total_cents"],
            )
        case OutOfStock():
            return Refusal(kind="stock", title=title, detail=detail, short=error.members["lines"])
        case StaleCart():
            changed = differences(seen_of(form.get("seen", "")), cart)
            return Refusal(kind="cart", title=title, detail=detail, differences=changed)
        case BrandNotAccepted() | CardUnusable() | UnknownCard():
            return Refusal(kind="card", title=title, detail=detail)
        case _:
            return Refusal(kind="other", title=title, detail=detail)
