"""All SQL that counts people: whole numbers out, which only what draws noise ever holds.

What one person adds is bounded here, by an order of chance (`draw`) that is that person's own: never by how often a
thing is bought, for then one person would move others' places and with them every count.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from kalecart.analytics.answer import Key
from kalecart.analytics.breadth import KEYS, STEPS
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import AISLES_MAX, PAIRS_EACH_MAX
from kalecart.analytics.tables import counted_day, counted_product
from kalecart.database import Tx

_PEOPLE: Final = sa.text("SELECT count(DISTINCT pseudonym) FROM habit WHERE quarter = :quarter")

_BOUGHT: Final = sa.text("SELECT count(*) FROM habit WHERE quarter = :quarter AND sku = :sku")

# Which step of breadth somebody is on: how many of the steps they are beyond.
_BREADTH: Final = sa.text("""
    SELECT width_bucket(products, CAST(:beyond AS bigint[])) AS step, count(*) AS people
      FROM (SELECT count(*) AS products FROM habit WHERE quarter = :quarter GROUP BY pseudonym) AS person
     GROUP BY step
""")

# In the order of the index, a person at a time: nothing is sorted.
_PRODUCTS: Final = sa.text("""
    SELECT sku, count(*) AS people
      FROM (SELECT sku, row_number() OVER (PARTITION BY pseudonym ORDER BY draw) AS place
              FROM habit WHERE quarter = :quarter) AS placed
     WHERE place <= :most
     GROUP BY sku
""")

# A bit for each aisle somebody was in. A person adds one to each of them at most, so nobody's are left out.
_AISLES: Final = sa.text("""
    WITH numbered AS MATERIALIZED (
        SELECT counted_product.sku, set_bit(repeat('0', 256)::bit(256), aisle.number::int - 1, 1) AS bit
          FROM unnest(CAST(:aisles AS text[])) WITH ORDINALITY AS aisle (name, number)
          JOIN counted_product ON counted_product.aisle = aisle.name AND counted_product.quarter = :quarter
    ), been AS (
        SELECT bit_or(numbered.bit) AS bits
          FROM habit JOIN numbered USING (sku) WHERE habit.quarter = :quarter GROUP BY habit.pseudonym
    )
    SELECT aisle.name, count(*) FILTER (WHERE get_bit(been.bits, aisle.number::int - 1) = 1) AS people
      FROM been CROSS JOIN unnest(CAST(:aisles AS text[])) WITH ORDINALITY AS aisle (name, number)
     GROUP BY aisle.name
""")

# Two products on one day. Which pairs of a person count is drawn from both products' draws, which are independent.
_BASKETS: Final = sa.text("""
    WITH bought AS MATERIALIZED (
        SELECT habit.pseudonym, habit.draw, habit.days, wanted.number
          FROM habit JOIN unnest(CAST(:skus AS text[])) WITH ORDINALITY AS wanted (sku, number) USING (sku)
         WHERE habit.quarter = :quarter
    ), placed AS (
        SELECT one.number AS one, other.number AS other,
               row_number() OVER (PARTITION BY one.pseudonym ORDER BY one.draw # other.draw) AS place
          FROM bought AS one JOIN bought AS other USING (pseudonym)
         WHERE one.number < other.number AND bit_count(one.days & other.days) > 0
    )
    SELECT one, other, count(*) AS people FROM placed WHERE place <= :most GROUP BY one, other
""")

# A shop of millions of lines takes seconds to count, and sorts in memory what fits.
_ROOM: Final = sa.text(
    "SELECT set_config('statement_timeout', '120s', true), set_config('work_mem', '64MB', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)


async def make_room(tx: Tx) -> None:
    """For this transaction only."""
    await tx.execute(_ROOM)


async def people(tx: Tx, quarter: Quarter) -> Mapping[Key, int]:
    """Who bought anything and agrees to be counted."""
    return {("people",): int(await tx.scalar(_PEOPLE, {"quarter": str(quarter)}) or 0)}


async def bought(tx: Tx, quarter: Quarter, sku: str) -> Mapping[Key, int]:
    return {(sku,): int(await tx.scalar(_BOUGHT, {"quarter": str(quarter), "sku": sku}) or 0)}


async def breadth(tx: Tx, quarter: Quarter) -> Mapping[Key, int]:
    """By step, how many people bought so many different products."""
    rows = await tx.execute(_BREADTH, {"quarter": str(quarter), "beyond": [most + 1 for most in STEPS]})
    return {KEYS[row.step]: row.people for row in rows}


async def products(tx: Tx, quarter: Quarter, each_max: int) -> Mapping[Key, int]:
    """By SKU, of each person `each_max` products."""
    rows = await tx.execute(_PRODUCTS, {"quarter": str(quarter), "most": each_max})
    return {(row.sku,): row.people for row in rows}


async def aisles(tx: Tx, quarter: Quarter, names: Sequence[str]) -> Mapping[Key, int]:
    """By aisle, for up to AISLES_MAX of them."""
    assert len(names) <= AISLES_MAX
    rows = await tx.execute(_AISLES, {"quarter": str(quarter), "aisles": list(names)})
    return {(row.name,): row.people for row in rows}


async def baskets(tx: Tx, quarter: Quarter, skus: Sequence[str]) -> Mapping[Key, int]:
    """By pair, in the order of `skus`; of each person as many pairs as one may add to."""
    rows = await tx.execute(_BASKETS, {"quarter": str(quarter), "skus": list(skus), "most": PAIRS_EACH_MAX})
    return {(skus[row.one - 1], skus[row.other - 1]): row.people for row in rows}


async def skus_of(tx: Tx, quarter: Quarter) -> Sequence[str]:
    """What shares are released of: what was on sale in that quarter, bought or not."""
    listed = sa.select(counted_product.c.sku).where(counted_product.c.quarter == str(quarter))
    return (await tx.execute(listed.order_by(counted_product.c.sku))).scalars().all()


async def aisles_of(tx: Tx, quarter: Quarter) -> Sequence[str]:
    aisle = sa.select(counted_product.c.aisle).where(counted_product.c.quarter == str(quarter)).distinct()
    return (await tx.execute(aisle.order_by(counted_product.c.aisle).limit(AISLES_MAX))).scalars().all()


async def all_counted(tx: Tx, quarter: Quarter) -> bool:
    """Whether the days of a quarter are known and none is left to count."""
    days = sa.select(sa.func.count(), sa.func.count(counted_day.c.counted_at)).where(
        counted_day.c.quarter == str(quarter)
    )
    known, counted = (await tx.execute(days)).one()
    return known == counted > 0
