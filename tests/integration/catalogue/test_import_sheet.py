"""The import against a real PostgreSQL."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kalecart.catalogue import store
from kalecart.catalogue.import_sheet import Report, import_sheet
from kalecart.catalogue.product import Product, TaxCategory, Unit
from kalecart.catalogue.reads import products_by_sku, search
from kalecart.catalogue.sheet import Sheet, SheetRow
from kalecart.catalogue.tables import product
from kalecart.database import ConstraintBroken


def a_product(sku: str, **but) -> Product:
    usual = Product(
        sku=sku,
        name=f"The {sku}",
        aisle="Vegetables",
        description="",
        price_cents=299,
        unit_amount=Decimal(1),
        unit=Unit.EACH,
        tax_category=TaxCategory.FOOD,
        picture=f"{sku}.svg",
        keywords="",
    )
    return replace(usual, **but)


def a_sheet(*products: Product, stock: int = 5) -> Sheet:
    return Sheet(rows=tuple(SheetRow(product=each, stock=stock) for each in products))


KALE, LEEK, PEAR = a_product("kale"), a_product("leek"), a_product("pear")


async def on_hand(db) -> dict[str, int]:
    async with db.transaction() as tx:
        return await store.on_hand(tx)


async def test_the_first_import_fills_the_shelves(db):
    report = await import_sheet(a_sheet(KALE, LEEK), db=db)

    assert report == Report(added=("kale", "leek"), changed=(), moved=(), restocked=(), retired=(), unchanged=0)
    async with db.snapshot() as tx:
        assert [card.sku for card in await search(tx, "")] == ["kale", "leek"]
    assert await on_hand(db) == {"kale": 5, "leek": 5}


@pytest.mark.parametrize("overwrite_stock", [False, True])
async def test_a_second_import_changes_nothing_and_says_so(db, overwrite_stock):
    await import_sheet(a_sheet(KALE, replace(LEEK, unit_amount=Decimal("0.50"))), db=db)

    again = a_sheet(KALE, replace(LEEK, unit_amount=Decimal("0.5")))
    report = await import_sheet(again, db=db, overwrite_stock=overwrite_stock)

    assert report.changed_nothing
    assert report.unchanged == 2


async def test_a_changed_product_a_new_one_and_one_that_left_are_told_apart(db):
    await import_sheet(a_sheet(KALE, LEEK), db=db)

    report = await import_sheet(a_sheet(replace(KALE, price_cents=350), PEAR), db=db)

    assert (report.changed, report.added, report.retired) == (("kale",), ("pear",), ("leek",))
    async with db.snapshot() as tx:
        cards = await products_by_sku(tx, ["kale", "leek", "pear", "nothing"])
        assert [card.sku for card in await search(tx, "")] == ["kale", "pear"]
    assert cards["kale"].price_cents == 350
    assert (cards["leek"].active, cards["leek"].on_hand, cards["leek"].buyable) == (False, 5, 0)
    assert "nothing" not in cards


async def test_a_product_that_returns_is_sold_again_with_the_stock_it_had(db):
    await import_sheet(a_sheet(KALE, LEEK), db=db)
    await import_sheet(a_sheet(KALE), db=db)

    report = await import_sheet(a_sheet(KALE, LEEK, stock=99), db=db)

    assert report.changed == ("leek",)
    assert await on_hand(db) == {"kale": 5, "leek": 5}


async def test_a_row_that_only_moved_is_not_called_changed(db):
    await import_sheet(a_sheet(KALE, LEEK), db=db)

    report = await import_sheet(a_sheet(PEAR, KALE, LEEK), db=db)

    assert (report.added, report.moved, report.changed) == (("pear",), ("kale", "leek"), ())


async def test_the_sheets_stock_counts_only_once_unless_it_is_asked_for(db):
    await import_sheet(a_sheet(KALE, LEEK, stock=5), db=db)

    silent = await import_sheet(a_sheet(KALE, LEEK, stock=9), db=db)
    assert silent.changed_nothing
    assert await on_hand(db) == {"kale": 5, "leek": 5}

    asked = await import_sheet(a_sheet(KALE, LEEK, stock=9), db=db, overwrite_stock=True)
    assert asked.restocked == ("kale", "leek")
    assert await on_hand(db) == {"kale": 9, "leek": 9}


async def test_a_row_the_database_refuses_takes_the_whole_sheet_with_it(db):
    await import_sheet(a_sheet(KALE), db=db)

    with pytest.raises(ConstraintBroken, match="product_price_positive"):
        await import_sheet(a_sheet(LEEK, replace(KALE, price_cents=0)), db=db)

    async with db.snapshot() as tx:
        assert [(card.sku, card.price_cents) for card in await search(tx, "")] == [("kale", 299)]


async def test_two_imports_at_once_end_as_one_of_the_two_sheets(db):
    await asyncio.gather(import_sheet(a_sheet(KALE, LEEK), db=db), import_sheet(a_sheet(KALE, PEAR), db=db))

    async with db.transaction() as tx:
        sold = set(await tx.scalars(sa.select(product.c.sku).where(product.c.active)))
    assert sold in ({"kale", "leek"}, {"kale", "pear"})


async def test_thousands_of_products_are_imported_within_the_time_a_statement_has(db):
    many = [a_product(f"p{number}") for number in range(3_000)]

    report = await import_sheet(a_sheet(*many), db=db)

    assert len(report.added) == 3_000
