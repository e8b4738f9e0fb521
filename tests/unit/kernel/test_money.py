from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.money import BASIS_POINTS, cents_in, dollars, share

CENTS = st.integers(min_value=0, max_value=10**9)
RATES = st.integers(min_value=0, max_value=BASIS_POINTS)


@given(CENTS, RATES)
def test_a_share_is_rounded_half_up_to_the_cent_as_on_a_receipt(cents: int, rate: int) -> None:
    exact = Decimal(cents) * rate / BASIS_POINTS

    assert share(cents, rate) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@given(CENTS, CENTS, RATES)
def test_a_share_of_more_is_never_less(one: int, other: int, rate: int) -> None:
    assert (one <= other) <= (share(one, rate) <= share(other, rate))


@given(CENTS, RATES)
def test_a_share_is_never_more_than_the_whole(cents: int, rate: int) -> None:
    assert 0 <= share(cents, rate) <= cents


@pytest.mark.parametrize(("cents", "rate"), [(-1, 975), (100, -1)])
def test_a_share_of_a_debt_is_a_mistake_in_the_code(cents: int, rate: int) -> None:
    with pytest.raises(AssertionError):
        share(cents, rate)


@pytest.mark.parametrize(
    ("cents", "written"),
    [(0, "$0.00"), (5, "$0.05"), (349, "$3.49"), (-120, "−$1.20"), (123_456, "$1,234.56"), (10**9, "$10,000,000.00")],
)
def test_money_is_written_as_people_write_it(cents: int, written: str) -> None:
    assert dollars(cents) == written


@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_what_is_written_is_the_amount_to_the_cent(cents: int) -> None:
    assert Decimal(dollars(cents).replace("$", "").replace(",", "").replace("−", "-")) * 100 == cents


@given(CENTS)
def test_money_is_read_as_it_is_written(cents: int) -> None:
    assert cents_in(dollars(cents % 100_000_000)) == cents % 100_000_000


@pytest.mark.parametrize(
    ("typed", "cents"),
    [(" 120 ", 12_000), ("25.93", 2_593), ("", None), ("$", None), ("1.5", None), ("-3", None), ("١٢", None)],
)
def test_what_is_typed_is_an_amount_or_none(typed: str, cents: int | None) -> None:
    assert cents_in(typed) == cents
