from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kalecart.carts.cart import QUANTITY_MAX, CartLine
from kalecart.carts.quote import quote
from kalecart.money import share
from tests.builders import TERMS

LINES = st.builds(
    CartLine,
    sku=st.uuids().map(str),
    name=st.just("Kale"),
    size=st.just("1 each"),
    picture=st.just("kale.svg"),
    quantity=st.integers(1, QUANTITY_MAX),
    price_cents=st.integers(1, 100_000),
    shown_cents=st.integers(1, 100_000),
    on_hand=st.integers(0, 1_000),
    tax_category=st.sampled_from(["food", "taxable"]),
    active=st.booleans(),
)
CARTS = st.lists(LINES, max_size=12)


def a_line(price_cents: int, *, quantity: int = 1, tax_category: str = "food") -> CartLine:
    return CartLine(
        sku="kale",
        name="Kale",
        size="1 each",
        picture="kale.svg",
        quantity=quantity,
        price_cents=price_cents,
        shown_cents=price_cents,
        on_hand=10,
        tax_category=tax_category,
        active=True,
    )


@given(CARTS)
def test_the_total_is_goods_and_delivery_and_tax_and_nothing_else(lines: list[CartLine]) -> None:
    quoted = quote(lines, TERMS)

    assert quoted.total_cents == quoted.goods_cents + quoted.delivery_cents + quoted.tax_cents
    assert quoted.goods_cents == sum(line.price_cents * line.quantity for line in lines)


@given(CARTS, LINES)
def test_one_more_line_never_lowers_the_goods_or_the_tax(lines: list[CartLine], more: CartLine) -> None:
    before, after = quote(lines, TERMS), quote([*lines, more], TERMS)

    assert after.goods_cents > before.goods_cents
    assert after.tax_cents >= before.tax_cents


@given(CARTS)
def test_tax_is_on_taxable_goods_only_and_rounded_once(lines: list[CartLine]) -> None:
    taxable = sum(line.amount_cents for line in lines if line.tax_category == "taxable")

    assert quote(lines, TERMS).tax_cents == share(taxable, TERMS.tax_rate_basis_points)


@given(CARTS)
def test_the_order_of_the_lines_changes_nothing(lines: list[CartLine]) -> None:
    assert quote(reversed(lines), TERMS) == quote(lines, TERMS)


@given(CARTS)
def test_the_price_a_shopper_saw_does_not_change_what_is_asked(lines: list[CartLine]) -> None:
    assert quote([replace(line, shown_cents=1) for line in lines], TERMS) == quote(lines, TERMS)


@given(st.lists(LINES, min_size=1, max_size=12))
def test_what_is_missing_to_a_threshold_is_exactly_what_reaches_it(lines: list[CartLine]) -> None:
    quoted = quote(lines, TERMS)

    for short in (quoted.short_of_minimum_cents, quoted.short_of_free_delivery_cents):
        reached = quote([*lines, a_line(short)], TERMS) if short else quoted
        assert reached.goods_cents == quoted.goods_cents + short
    assert bool(quoted.short_of_minimum_cents) == (quoted.goods_cents < TERMS.minimum_order_cents)
    assert bool(quoted.short_of_free_delivery_cents) == (quoted.delivery_cents > 0)


def test_delivery_is_free_from_the_threshold_on_and_not_a_cent_before() -> None:
    below, at = quote([a_line(5_999)], TERMS), quote([a_line(6_000)], TERMS)

    assert (below.delivery_cents, below.short_of_free_delivery_cents) == (499, 1)
    assert (at.delivery_cents, at.short_of_free_delivery_cents) == (0, 0)


def test_an_empty_cart_costs_nothing_not_even_delivery() -> None:
    quoted = quote([], TERMS)

    assert (quoted.total_cents, quoted.short_of_minimum_cents) == (0, TERMS.minimum_order_cents)


def test_half_a_cent_of_tax_is_rounded_up() -> None:
    terms = replace(TERMS, tax_rate_basis_points=1_000)

    assert quote([a_line(1_005, tax_category="taxable")], terms).tax_cents == 101  # 100.5
    assert quote([a_line(1_004, tax_category="taxable")], terms).tax_cents == 100  # 100.4
