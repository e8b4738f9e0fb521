import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.catalogue import cells
from kalecart.money import dollars


@given(st.integers(1, 9_999_999))
def test_a_price_written_as_on_a_page_reads_back_to_the_cent(cents):
    assert cells.price(dollars(cents).removeprefix("$").replace(",", "")) == cents


@given(st.text() | st.from_regex(r"[-+$]?[0-9.,eE]{0,12}"))
def test_a_price_is_cents_or_a_sentence(cell):
    with contextlib.suppress(cells.BadCell):
        assert 0 < cells.price(cell) <= 9_999_999


@pytest.mark.parametrize("cell", ["", "-1.00", "0.00", "1.5", "1,99", "$1.99", "1e3", "NaN", "١.٩٩", "100000", "1.999"])
def test_what_is_not_a_price_is_refused(cell):
    with pytest.raises(cells.BadCell):
        cells.price(cell)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-cmd", "@SUM(A1)", " =1"])
def test_a_cell_that_a_spreadsheet_would_run_is_refused(cell):
    with pytest.raises(cells.BadCell, match="formula"):
        cells.text(cell, characters_max=80, required=True)


@pytest.mark.parametrize("cell", ["two\nlines", "bell\a", "zero\u200bwidth", "over\u202eride"])
def test_invisible_characters_are_refused(cell):
    with pytest.raises(cells.BadCell, match="invisible"):
        cells.text(cell, characters_max=80, required=True)


def test_the_same_letters_are_stored_the_same_way():
    assert cells.text("Jalapen\u0303o", characters_max=80, required=True) == "Jalape\u00f1o"


@pytest.mark.parametrize(
    "cell",
    ["../secret.svg", "/etc/passwd", "a b.svg", "Kale.svg", "kale.svg.exe", "kale.gif", ".svg", "kale.svg\n.png", ""],
)
def test_a_picture_is_a_plain_file_name(cell):
    with pytest.raises(cells.BadCell):
        cells.picture(cell)


@pytest.mark.parametrize("cell", ["", "-1", "1.5", "1000001", "lots", "²"])
def test_stock_is_a_whole_number_with_a_limit(cell):
    with pytest.raises(cells.BadCell):
        cells.stock(cell)


@pytest.mark.parametrize("cell", ["", "0", "0.000", "-2", "1.2345", "Infinity", "1/2"])
def test_an_amount_is_more_than_nothing(cell):
    with pytest.raises(cells.BadCell):
        cells.amount(cell)


def test_cells_may_have_blanks_around_them():
    assert cells.price(" 3 ") == 300
    assert cells.stock(" 7 ") == 7
    assert cells.amount(" 0.5 ") == Decimal("0.5")
    assert cells.unit(" FL OZ ") == "fl oz"
    assert cells.tax_category("Food") == "food"
    assert cells.sku(" kale-1 ") == "kale-1"
    assert cells.picture(" kale-1.svg ") == "kale-1.svg"


@pytest.mark.parametrize("cell", ["", "-kale", "käse", "a/b", "a b", "x" * 65])
def test_a_sku_is_fit_for_an_address(cell):
    with pytest.raises(cells.BadCell):
        cells.sku(cell)
