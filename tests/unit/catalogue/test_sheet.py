import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.catalogue.product import TaxCategory, Unit
from kalecart.catalogue.sheet import COLUMNS, SHEET_BYTES_MAX, SHEET_ROWS_MAX, Problem, parse

KALE = {
    "sku": "kale",
    "name": "Curly Kale",
    "aisle": "Vegetables",
    "description": "Frilled.",
    "price": "2.99",
    "unit_amount": "1",
    "unit": "each",
    "tax_category": "food",
    "stock": "12",
    "picture": "kale.svg",
    "keywords": "greens",
}


def a_sheet(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def reasons(data: bytes) -> dict[tuple[int, str], str]:
    sheet = parse(data)
    assert sheet.rows == ()
    return {(problem.line, problem.column): problem.reason for problem in sheet.problems}


def test_a_good_sheet_becomes_products():
    sheet = parse(a_sheet(KALE))

    assert sheet.problems == ()
    (row,) = sheet.rows
    assert row.stock == 12
    assert row.product.price_cents == 299
    assert (row.product.unit, row.product.tax_category) == (Unit.EACH, TaxCategory.FOOD)
    assert row.product.searchable == "curly kale | vegetables | greens"


def test_every_bad_cell_of_every_bad_row_is_named_at_once():
    bad = KALE | {"sku": "bad one", "price": "-1", "unit": "bushel", "tax_category": "none", "stock": "many"}
    worse = KALE | {"sku": "worse", "name": "", "picture": "../x.svg", "description": "=HYPERLINK()"}

    found = reasons(a_sheet(KALE, bad, worse))

    assert set(found) == {
        *((3, column) for column in ("sku", "price", "unit", "tax_category", "stock")),
        *((4, column) for column in ("name", "picture", "description")),
    }
    assert "bushel" not in " ".join(found.values())


def test_a_line_is_where_the_row_begins_even_after_a_cell_of_several_lines():
    tall = KALE | {"sku": "tall", "description": "one\ntwo\nthree"}

    assert list(reasons(a_sheet(tall, KALE | {"price": "x"}))) == [(2, "description"), (5, "price")]


@pytest.mark.parametrize("twin", ["kale", "KALE"])
def test_a_product_stands_in_the_sheet_once(twin):
    assert reasons(a_sheet(KALE, KALE | {"sku": twin})) == {(3, "sku"): "is already used on line 2"}


def test_a_wrong_header_names_what_is_missing_and_what_is_unknown():
    found = reasons(a_sheet(columns=(*COLUMNS[1:], "colour")))

    assert found == {(1, ""): "the header is wrong: “sku” is missing, “colour” is unknown"}


def test_the_columns_may_stand_in_any_order():
    assert len(parse(a_sheet(KALE, columns=COLUMNS[::-1])).rows) == 1


def test_a_header_cannot_write_on_the_terminal():
    (problem,) = parse(b"\x1b[2Jname\n").problems

    assert "\x1b" not in problem.reason


def test_semicolons_are_recognised():
    assert "separated by" in reasons(a_sheet(KALE).replace(b",", b";"))[1, ""]


def test_a_broken_encoding_is_named_with_its_line():
    data = a_sheet(KALE, KALE | {"sku": "b"}, KALE | {"sku": "c", "price": "0"}).replace(b"b,Curly", b"b,Cr\xe8me")

    assert reasons(data) == {
        (3, "name"): "is not UTF-8; save the sheet as “CSV UTF-8”",
        (4, "price"): "is zero; nothing is free",
    }


def test_a_sheet_saved_with_a_byte_order_mark_and_blank_lines_is_read():
    data = b"\xef\xbb\xbf" + a_sheet(KALE).replace(b"\n", b"\r\n") + b",,,,,,,,,,\r\n\r\n"

    assert len(parse(data).rows) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        ("sku".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04\0\0", "not text"),
        (b"x" * (SHEET_BYTES_MAX + 1), "larger"),
        (a_sheet(), "no products"),
        (a_sheet(KALE) + b'b,"never closed', "quotation"),
        (a_sheet(KALE) + b"only,three,cells\n", "3 cells"),
        (a_sheet(KALE) + b"k,n\n" * (SHEET_ROWS_MAX + 1), "more than"),
    ],
    ids=["empty", "blank", "utf-16", "zip", "huge", "header only", "quote", "short row", "too many rows"],
)
def test_what_cannot_be_a_sheet_says_why(data, words):
    assert any(words in reason for reason in reasons(data).values())


@given(st.binary() | st.text().map(str.encode))
def test_any_file_gives_rows_or_problems_and_never_both(data):
    sheet = parse(data)

    assert bool(sheet.rows) != bool(sheet.problems)
    assert all(isinstance(problem, Problem) and problem.line >= 1 and problem.reason for problem in sheet.problems)


@given(st.lists(st.lists(st.text(max_size=12), min_size=11, max_size=11), min_size=1, max_size=5))
def test_any_cells_give_rows_or_problems_that_fit_on_a_screen(rows):
    sheet = parse(a_sheet(*(dict(zip(COLUMNS, row, strict=True)) for row in rows)))

    assert bool(sheet.rows) != bool(sheet.problems)
    assert all(problem.reason.isprintable() and len(problem.reason) < 200 for problem in sheet.problems)


@given(st.data())
def test_a_good_sheet_with_one_bad_cell_is_not_half_good(data):
    column = data.draw(st.sampled_from([name for name in COLUMNS if name not in {"description", "keywords"}]))

    assert set(reasons(a_sheet(KALE | {"sku": "other"}, KALE | {column: "\t"}))) == {(3, column)}
