"""The shop that comes with the code: what the owner would check before opening."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from kalecart.catalogue.product import TaxCategory, unit_price
from kalecart.catalogue.sheet import parse

SHOP = Path(__file__).parents[3] / "local" / "shop"
PICTURE_BYTES_MAX = 3072
ROWS = parse((SHOP / "catalogue.csv").read_bytes()).rows


def test_the_shelves_are_full():
    assert len(ROWS) >= 150
    assert len({row.product.aisle for row in ROWS}) >= 12
    assert sum("kale" in row.product.name.lower() for row in ROWS) >= 4
    assert all(row.product.description and row.product.keywords and row.stock for row in ROWS)


def test_no_two_products_share_a_name_or_a_picture():
    assert len({row.product.name for row in ROWS}) == len(ROWS)
    assert len({row.product.picture for row in ROWS}) == len(ROWS)


def test_every_product_has_its_drawing_and_no_drawing_is_left_over():
    assert {row.product.picture for row in ROWS} == {path.name for path in (SHOP / "pictures").iterdir()}


def test_no_two_drawings_are_the_same():
    drawings = [path.read_bytes() for path in (SHOP / "pictures").iterdir()]

    assert len(set(drawings)) == len(drawings)


@pytest.mark.parametrize("path", sorted((SHOP / "pictures").iterdir()), ids=lambda path: path.stem)
def test_a_drawing_is_small_scalable_and_inert(path):
    drawing = ET.parse(path).getroot()

    assert path.stat().st_size <= PICTURE_BYTES_MAX
    assert drawing.get("viewBox") == "0 0 200 200"
    allowed = {"svg", "g", "defs", "path", "circle", "ellipse", "rect", "clipPath", "use"}
    assert {element.tag.rpartition("}")[2] for element in drawing.iter()} <= allowed
    assert all(value.startswith("#") for element in drawing.iter() for name, value in element.items() if "href" in name)


def test_only_what_california_taxes_is_taxed():
    taxed = {row.product.sku for row in ROWS if row.product.tax_category is TaxCategory.TAXABLE}

    assert {"cola-cane", "water-sparkling", "paper-towels", "sunflowers"} <= taxed
    assert not {"water-spring", "chocolate-dark", "basil-pot", "juice-orange"} & taxed
    assert {row.product.sku for row in ROWS if row.product.aisle == "Household"} <= taxed


def test_every_unit_price_can_be_read():
    for row in ROWS:
        assert str(unit_price(row.product.price_cents, row.product.unit_amount, row.product.unit))
