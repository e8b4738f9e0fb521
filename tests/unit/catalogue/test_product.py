from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.catalogue.product import Unit, size, unit_price

PRICES = st.integers(1, 9_999_999)
AMOUNTS = st.decimals(min_value="0.001", max_value="999999.999", places=3)


@pytest.mark.parametrize(
    ("cents", "amount", "unit", "shown"),
    [
        (349, "1", Unit.POUND, "$3.49/lb"),
        (549, "5", Unit.POUND, "$1.10/lb"),
        (399, "16", Unit.OUNCE, "24.9¢/oz"),
        (1599, "12", Unit.OUNCE, "$1.33/oz"),
        (429, "64", Unit.FLUID_OUNCE, "6.7¢/fl oz"),
        (599, "12", Unit.EACH, "49.9¢ each"),
        (299, "1", Unit.EACH, "$2.99 each"),
        (500, "500", Unit.GRAM, "28.3¢/oz"),
        (1000, "1", Unit.KILOGRAM, "$4.54/lb"),
        (296, "1", Unit.LITRE, "8.8¢/fl oz"),
        (100, "1000", Unit.MILLILITRE, "3¢/fl oz"),
        (1, "999999.999", Unit.EACH, "0¢ each"),
    ],
)
def test_a_unit_price_is_what_shoppers_here_compare(cents, amount, unit, shown):
    assert str(unit_price(cents, Decimal(amount), unit)) == shown


def test_two_sizes_of_one_product_compare_on_one_scale():
    small = unit_price(599, Decimal(8), Unit.OUNCE)
    large = unit_price(999, Decimal(32), Unit.OUNCE)

    assert small.per is large.per
    assert large.cents < small.cents


@given(PRICES, AMOUNTS, st.sampled_from(Unit))
def test_every_price_of_every_amount_can_be_shown(cents, amount, unit):
    price = unit_price(cents, amount, unit)

    assert price.cents >= 0
    assert "E" not in str(price).removesuffix(" each")
    assert price == unit_price(cents, amount, unit)


@given(PRICES, AMOUNTS)
def test_an_ounce_weighs_the_same_in_grams(cents, ounces):
    grams = ounces * Decimal("453.59237") / 16

    by_ounce, by_gram = unit_price(cents, ounces, Unit.OUNCE), unit_price(cents, grams, Unit.GRAM)
    assert by_ounce.per is by_gram.per
    assert abs(by_ounce.cents - by_gram.cents) <= Decimal("0.1")


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        ("1.000", Unit.EACH, "each"),
        ("12.000", Unit.EACH, "12 count"),
        ("1.500", Unit.POUND, "1.5 lb"),
        ("100", Unit.FLUID_OUNCE, "100 fl oz"),
    ],
)
def test_a_size_reads_as_on_a_label(amount, unit, shown):
    assert size(Decimal(amount), unit) == shown
