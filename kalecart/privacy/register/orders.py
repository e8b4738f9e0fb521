"""Carts and orders; the catalogue and the windows, which are about nobody."""

from collections.abc import Mapping
from typing import Final

from kalecart.privacy.register.entry import (
    AsItIs,
    Category,
    Described,
    Entry,
    Erasure,
    NotPersonal,
    Number,
    Personal,
    Source,
    Table,
)
from kalecart.privacy.subject import Part


def _bought(says: str, *, source: Source = Source.SHOP, keys: Mapping[str, str] | None = None) -> Personal:
    return Personal(
        says=says,
        category=Category.ORDERS,
        source=source,
        retention="books",
        disclose=AsItIs(),
        erase=Erasure.KEPT,
        keys=keys or {},
    )


def _hidden(says: str, words: str) -> Personal:
    return Personal(
        says=says,
        category=Category.SECURITY,
        source=Source.SHOP,
        retention="books",
        disclose=Described(words),
        erase=Erasure.KEPT,
    )


def _in_cart(says: str, *, source: Source = Source.PERSON, keys: Mapping[str, str] | None = None) -> Personal:
    return Personal(
        says=says,
        category=Category.ORDERS,
        source=source,
        retention="carts",
        disclose=AsItIs(),
        erase=Erasure.DELETED,
        keys=keys or {},
    )


def _none(why: str, names: str) -> dict[str, Entry]:
    return {name: NotPersonal(why) for name in names.split()}


_GOODS: Final = "goods we sell, the same for everybody"
_TIMES: Final = "times we deliver, and how many orders they bear"

TABLES: Final = (
    Table(
        name="product",
        says="What we sell",
        key="sku",
        columns=_none(
            _GOODS,
            "sku name aisle description price_cents unit_amount unit tax_category picture keywords active position "
            "search",
        ),
    ),
    Table(name="stock", says="What is there", key="sku", columns=_none(_GOODS, "sku on_hand")),
    Table(
        name="delivery_window",
        says="When we deliver",
        columns=_none(_TIMES, "id starts_at ends_at cutoff_at capacity taken"),
    ),
    Table(
        name="cart",
        says="Carts you filled while you were logged in",
        columns={
            "id": Number(names="cart"),
            "token_hash": Personal(
                says="Cookie",
                category=Category.SECURITY,
                source=Source.SHOP,
                retention="carts",
                disclose=Described("A cart is kept under the hash of a random number in your browser's cookie."),
                erase=Erasure.DELETED,
            ),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "version": NotPersonal("counts the changes, so that an old tab does not undo a new one"),
            "lines": _in_cart(
                "What is in it",
                keys={"*": "a product", "*.quantity": "how many", "*.price_cents": "the price you were shown"},
            ),
            "created_at": _in_cart("Begun", source=Source.SHOP),
            "expires_at": _in_cart("Forgotten", source=Source.SHOP),
            "placed_at": _in_cart("Ordered", source=Source.SHOP),
        },
    ),
    Table(
        name="customer_order",
        says="Your orders",
        columns={
            "id": Number(names="customer_order"),
            "number": _bought("Order number"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "cart_id": Number(names="cart"),
            "idempotency_key": _hidden("Key of the request", "A number that keeps an order from being placed twice."),
            "fingerprint": _hidden("Fingerprint of the request", "It keeps an order from being placed twice."),
            "status": _bought("State"),
            "address_id": Number(names="address"),
            "window_id": Number(names="delivery_window"),
            "payment_method_id": Number(names="payment_method"),
            "goods_cents": _bought("Goods, in cents"),
            "delivery_cents": _bought("Delivery, in cents"),
            "tax_cents": _bought("Tax, in cents"),
            "total_cents": _bought("Total, in cents"),
            "placed_at": _bought("Ordered"),
            "paid_at": _bought("Paid"),
            "picking_at": _bought("Picking began"),
            "cancelled_at": _bought("Cancelled"),
            "goes_ahead": _bought("Picked while your bank was still paying"),
        },
    ),
    Table(
        name="order_line",
        says="What you ordered",
        key="order_id",
        columns={
            "order_id": Number(names="customer_order", through=True),
            "sku": _bought("Product", source=Source.PERSON),
            "name": _bought("What it was called"),
            "quantity": _bought("How many", source=Source.PERSON),
            "unit_price_cents": _bought("Price of one, in cents"),
            "tax_category": NotPersonal("how the product is taxed, the same for everybody"),
        },
    ),
    Table(
        name="order_event",
        says="What happened to your orders",
        columns={
            "id": Number(names="order_event"),
            "order_id": Number(names="customer_order", through=True),
            "kind": _bought("What happened"),
            "detail": _bought(
                "More about it",
                keys={
                    "by": "who: you, staff or the shop",
                    "code": "why a bank declined, as a code",
                    "amount_cents": "how much, in cents",
                    "reason": "why, as a code",
                },
            ),
            "at": _bought("When"),
        },
    ),
)
