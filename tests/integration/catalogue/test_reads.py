"""Searching the demonstration shop as shoppers do."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from kalecart.catalogue import reads
from kalecart.catalogue.import_sheet import import_sheet
from kalecart.catalogue.product import Unit
from kalecart.catalogue.sheet import parse
from kalecart.database import Database

SHEET = parse((Path(__file__).parents[3] / "local" / "shop" / "catalogue.csv").read_bytes())


async def filled(url: str) -> None:
    database = Database(url, pool_size_max=2, application="test")
    await import_sheet(SHEET, db=database)
    await database.close()


@pytest.fixture(scope="module")
def filled_clone(server):
    """One for all tests here, which only look."""
    clone = asyncio.run(server.cloned())
    asyncio.run(filled(clone.url()))
    yield clone
    asyncio.run(server.dropped(clone))


@pytest.fixture
async def shop(filled_clone):
    """The demonstration shop as the web's role sees it."""
    database = Database(filled_clone.url("kale_web"), pool_size_max=2, application="test")
    yield database
    await database.close()


async def found(shop, query, aisle=None) -> list[str]:
    async with shop.snapshot() as tx:
        return [card.sku for card in await reads.search(tx, query, aisle)]


async def test_without_words_the_shelves_stand_as_the_owner_arranged_them(shop):
    assert await found(shop, "  ") == [row.product.sku for row in SHEET.rows]


async def test_an_aisle_holds_its_own(shop):
    assert set(await found(shop, "", "Cheese")) == {r.product.sku for r in SHEET.rows if r.product.aisle == "Cheese"}
    assert await found(shop, "kale", "Cheese") == []


async def test_the_aisles_are_counted_in_the_owners_order(shop):
    async with shop.snapshot() as tx:
        aisles = await reads.aisles(tx)

    assert [aisle.name for aisle in aisles] == list(dict.fromkeys(row.product.aisle for row in SHEET.rows))
    assert sum(aisle.products for aisle in aisles) == len(SHEET.rows)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("k", "kale-curly"),
        ("kal", "kale-curly"),
        ("kale", "kale-curly"),
        ("KALE red", "kale-red"),
        ("jalap", "jalapeno"),
        ("dino", "kale-lacinato"),
        ("half & half", "half-and-half"),
        ("milk", "milk-whole"),
        ("pasta", "pasta-spaghetti"),
        ("apple", "apples-gala"),
        ("apple c", "vinegar-apple"),
        ("milk ch", "chocolate-milk"),
        ("egg", "eggplant"),
        ("yoghurt", "yogurt-greek"),
        ("brocolli", "broccoli-crowns"),
        ("zuchini", "zucchini"),
        ("bananna", "bananas"),
        ("letuce", "lettuce-butter"),
        ("tomatos", "tomatoes-vine"),
        ("gluehbirne", None),
    ],
)
async def test_a_search_forgives_typing(shop, typed, first):
    skus = await found(shop, typed)

    assert (skus[0] if skus else None) == first


async def test_every_letter_typed_keeps_the_product_in_sight(shop):
    for end in range(1, len("strawberries") + 1):
        assert "strawberries" in await found(shop, "strawberries"[:end])


async def test_things_come_before_mentions_and_mentions_before_synonyms_and_pieces_of_words(shop):
    skus = await found(shop, "corn")

    told_apart = ["corn-ears", "tortillas-corn", "popcorn"]
    assert [sku for sku in skus if sku in told_apart] == told_apart


async def test_three_letters_inside_another_word_are_nothing(shop):
    assert "mushrooms-white" not in await found(shop, "ham")


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'; DROP TABLE product; --", "%%%%", "|", "&" * 500])
async def test_signs_are_only_signs(shop, typed):
    assert len(await found(shop, typed)) < len(SHEET.rows)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kail", "kale"),
        ("purple kail", "purple kale"),
        ("choclat mlik", "chocolate milk"),
        ("kale", None),
        ("qqqqq", None),
        ("", None),
    ],
)
async def test_an_empty_page_suggests_what_was_meant(shop, typed, meant):
    async with shop.snapshot() as tx:
        assert await reads.did_you_mean(tx, typed) == meant


async def test_a_card_carries_what_a_page_shows(shop):
    async with shop.snapshot() as tx:
        card = await reads.product(tx, "broccoli-crowns")
        assert await reads.product(tx, "nothing") is None

    assert card is not None
    assert (card.name, card.price_cents, card.size, card.unit_price) == ("Broccoli Crowns", 249, "1 lb", "$2.49/lb")
    assert card.buyable == card.on_hand == 140


async def test_a_search_for_a_piece_of_a_word_can_use_the_index(db):
    """With few products a scan is cheaper; what counts is that with many there is another way."""
    await import_sheet(SHEET, db=db)
    async with db.transaction() as tx:
        await tx.execute(sa.text("SET LOCAL enable_seqscan = off"))
        await tx.execute(sa.text("DROP INDEX ix_product_active_position"))
        plan = "\n".join(
            await tx.scalars(
                sa.text("EXPLAIN SELECT sku FROM product WHERE search LIKE '%berries%' OR 'brocolli' <% search")
            )
        )

    assert "ix_product_search" in plan


def test_the_table_knows_the_same_units_as_the_code():
    constraint = next(c for c in reads.products.constraints if c.name == "product_unit_known")

    assert all(f"'{unit}'" in str(constraint.sqltext) for unit in Unit)
