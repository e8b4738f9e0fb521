"""What the pages show of the catalogue: the shelves, a search that forgives typing, one product."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import sqlalchemy as sa

from kalecart.catalogue.product import Aisle, ProductCard, TaxCategory, Unit, size, unit_price
from kalecart.catalogue.query import LETTERS_MIN, closest, words
from kalecart.catalogue.tables import product as products
from kalecart.catalogue.tables import stock
from kalecart.database import Tx

SHELF_ROWS: Final = 500
VOCABULARY_MAX: Final = 40

_CARD: Final = sa.select(
    products.c.sku,
    products.c.name,
    products.c.aisle,
    products.c.description,
    products.c.price_cents,
    products.c.unit_amount,
    products.c.unit,
    products.c.tax_category,
    products.c.picture,
    products.c.active,
    sa.func.coalesce(stock.c.on_hand, 0).label("on_hand"),
).select_from(products.outerjoin(stock))

_NAME: Final = sa.func.split_part(products.c.search, " | ", 1)

# `brocolli` is 0.5 like broccoli; `kail` is 0.4 like kale, and like many other words: there we ask back instead.
# For this transaction only: the setting belongs to a connection that others use after us.
_FORGIVE: Final = sa.select(sa.func.set_config("pg_trgm.word_similarity_threshold", "0.45", True))

# Words of the shelves that share letters with the one typed; which of them was meant, `query.closest` decides.
_VOCABULARY: Final = sa.text("""
    SELECT word FROM (
        SELECT DISTINCT regexp_split_to_table(search, '[ |]+') AS word FROM product WHERE active
    ) AS vocabulary
     WHERE length(word) > 2
     ORDER BY word LIKE :word || '%' DESC, similarity(word, :word) DESC, word
     LIMIT :most
""")


async def search(tx: Tx, query: str, aisle: str | None = None, *, limit: int = SHELF_ROWS) -> list[ProductCard]:
    """What matches all the words typed so far, best first; without words, the shelves in the owner's order."""
    shelves = _CARD.where(products.c.active).limit(limit)
    if aisle is not None:
        shelves = shelves.where(products.c.aisle == aisle)
    typed = words(query)
    if not typed:
        # A query of nothing but signs asks for something, and there is nothing like it.
        return [] if query.strip() else [_card(row) for row in await tx.execute(shelves.order_by(products.c.position))]
    literal = shelves.where(*(sa.or_(*_literally(word)) for word in typed)).order_by(*_best_first(typed))
    if rows := (await tx.execute(literal)).all():
        return [_card(row) for row in rows]
    await tx.execute(_FORGIVE)
    forgiving = shelves.where(*(sa.or_(*_literally(word), *_roughly(word)) for word in typed))
    rows = (await tx.execute(forgiving.order_by(*_closest_first(" ".join(typed))))).all()
    return [_card(row) for row in rows]


async def did_you_mean(tx: Tx, query: str) -> str | None:
    """A query that finds something, made of the words on the shelves that are closest to those typed."""
    typed = words(query)
    meant: list[str] = []
    for word in typed:
        known = (await tx.scalars(_VOCABULARY, {"word": word, "most": VOCABULARY_MAX})).all()
        if any(candidate.startswith(word) for candidate in known):
            meant.append(word)
        elif found := closest(word, known):
            meant.append(found)
    suggestion = " ".join(dict.fromkeys(meant))
    if not suggestion or tuple(meant) == typed:
        return None
    return suggestion if await search(tx, suggestion, limit=1) else None


async def aisles(tx: Tx) -> list[Aisle]:
    """The parts of the shop, in the owner's order."""
    found = sa.select(products.c.aisle, sa.func.count().label("products")).where(products.c.active)
    rows = await tx.execute(found.group_by(products.c.aisle).order_by(sa.func.min(products.c.position)))
    return [Aisle(name=row.aisle, products=row.products) for row in rows]


async def products_by_sku(tx: Tx, skus: Collection[str]) -> dict[str, ProductCard]:
    """The products of a cart or an order, retired ones too; an unknown SKU is simply not there."""
    if not skus:
        return {}
    return {row.sku: _card(row) for row in await tx.execute(_CARD.where(products.c.sku.in_(sorted(skus))))}


async def product(tx: Tx, sku: str) -> ProductCard | None:
    """One product, sold or retired."""
    row = (await tx.execute(_CARD.where(products.c.sku == sku))).one_or_none()
    return _card(row) if row else None


def _literally(word: str) -> Sequence[sa.ColumnElement[bool]]:
    """Words that begin so; of a longer piece, also words that contain it: `berries` is in `strawberries`."""
    begins = _begins(products.c.search, word)
    return (*begins, products.c.search.like(f"%{word}%")) if len(word) >= LETTERS_MIN else begins


def _roughly(word: str) -> Sequence[sa.ColumnElement[bool]]:
    """`brocolli` for broccoli: most groups of three letters are the same. The trigram index serves it."""
    alike = sa.literal(word).op("<%", is_comparison=True, return_type=sa.Boolean())(products.c.search)
    return (alike,) if len(word) >= LETTERS_MIN else ()


def _closest_first(typed: str) -> Sequence[sa.ColumnElement[Any]]:
    in_name, anywhere = (sa.func.word_similarity(typed, text) for text in (_NAME, products.c.search))
    return in_name.desc(), anywhere.desc(), products.c.position


def _begins(text: sa.ColumnElement[str], word: str) -> Sequence[sa.ColumnElement[bool]]:
    return text.like(f"{word}%"), text.like(f"% {word}%")


def _best_first(typed: Sequence[str]) -> Sequence[sa.ColumnElement[Any]]:
    """What it is, what its name mentions, what it is filed under, what only contains the letters.

    A name says what a thing is at its end: `milk` asks for whole milk before milk chocolate, but `milk ch` does not.
    """
    named = sa.and_(*(sa.or_(*_begins(_NAME, word)) for word in typed))
    filed = sa.and_(*(sa.or_(*_begins(products.c.search, word)) for word in typed))
    is_one = sa.and_(named, sa.func.split_part(_NAME, " ", -1).like(f"{typed[-1]}%"))
    rank = sa.case((sa.or_(products.c.search.like(f"{' '.join(typed)}%"), is_one), 0), (named, 1), (filed, 2), else_=3)
    return rank, products.c.position


def _card(row: sa.Row[*tuple[Any, ...]]) -> ProductCard:
    unit = Unit(row.unit)
    return ProductCard(
        sku=row.sku,
        name=row.name,
        aisle=row.aisle,
        description=row.description,
        price_cents=row.price_cents,
        size=size(row.unit_amount, unit),
        unit_price=str(unit_price(row.price_cents, row.unit_amount, unit)),
        tax_category=TaxCategory(row.tax_category),
        picture=row.picture,
        on_hand=row.on_hand,
        active=row.active,
    )
