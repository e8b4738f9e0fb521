"""What a page says about the cart, and what is believed of it."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.carts.cart import LINES_MAX, Cart, CartLine
from kalecart.errors import Invalid
from kalecart.ids import CartId
from web.pages.changes import LINE, change_of, differences, seen_of
from web.pages.frame import ADDRESS_LENGTH_MAX, local


def a_cart(**quantities: int) -> Cart:
    lines = tuple(
        CartLine(
            sku=sku,
            name=sku.title(),
            size="each",
            picture=f"{sku}.svg",
            quantity=quantity,
            price_cents=100,
            shown_cents=100,
            on_hand=99,
            tax_category="food",
            active=True,
        )
        for sku, quantity in quantities.items()
    )
    return Cart(id=CartId(UUID(int=1)), version=1, customer_id=None, lines=lines)


def test_a_change_carries_what_the_page_showed() -> None:
    change = change_of({"line": "kale:3", "version": "7", "seen": "kale:2 eggs:1", "from": "/cart"})

    assert (change.sku, change.quantity, change.version, change.before, change.origin) == ("kale", 3, 7, 2, "/cart")


@given(
    line=st.text(max_size=100), version=st.text(max_size=20), seen=st.text(max_size=200), origin=st.text(max_size=99)
)
def test_a_mangled_form_is_refused_or_understood_and_nothing_else(
    line: str, version: str, seen: str, origin: str
) -> None:
    form = {"line": line, "version": version, "seen": seen, "from": origin}
    if not LINE.fullmatch(line):
        with pytest.raises(Invalid):
            change_of(form)
        return

    change = change_of(form)

    assert change.quantity >= 0
    assert change.origin.startswith("/")


def test_differences_name_what_came_what_went_and_what_is_more_or_less() -> None:
    found = differences({"kale": 1, "eggs": 2, "soap": 1}, a_cart(kale=3, soap=1, milk=1))

    assert [(one.name, one.seen, one.now) for one in found] == [("Kale", 1, 3), ("Milk", 0, 1), ("Eggs", 2, 0)]


def test_an_unchanged_cart_has_no_differences() -> None:
    assert differences(seen_of("kale:3"), a_cart(kale=3)) == []


def test_no_more_lines_are_believed_than_a_cart_may_have() -> None:
    assert len(seen_of(" ".join(f"sku-{number}:1" for number in range(1_000)))) <= LINES_MAX


@pytest.mark.parametrize("address", ["/", "/cart", "/?q=kale&aisle=Fruit", "/orders/1#live"])
def test_an_address_on_this_site_is_kept(address: str) -> None:
    assert local(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "cart",
        "//example.com",
        "https://example.com/",
        "/\\example.com",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x=1",
        "/" + "a" * ADDRESS_LENGTH_MAX,
    ],
)
def test_any_other_address_leads_home(address: str | None) -> None:
    assert local(address) == "/"
