"""What counting costs and how near it comes: a day, a day after five years, a quarter's release, its accuracy."""

import asyncio
import base64
import json
import secrets
import statistics
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg

from bench.grocery import Grocery
from bench.scene import BenchFailed, Say
from kalecart.analytics import question, reads, store, store_releases
from kalecart.analytics.budget import envelopes_of
from kalecart.analytics.quarter import Quarter
from kalecart.chance import new_token
from kalecart.consent.store import hold_pseudonyms
from kalecart.database import Database
from kalecart.grants import ANALYTICS, ROLES, WORKER
from kalecart.master_keys import KEY_BYTES, FileKeyProvider
from kalecart.migrate import migrate
from local.postgres import running_postgres
from local.program import ROOT

AGREED: Final = datetime(2021, 12, 1, tzinfo=UTC)
FIRST_YEAR: Final = date(2022, 1, 10)
FIFTH_YEAR: Final = date(2026, 11, 16)
LARGE, SMALL = Quarter(year=2026, number=3), Quarter(year=2026, number=2)
SIDE: Final = 0.975


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is made and counted. A day has `orders` of up to `lines` products; `past_orders` a day of the past."""

    products: int = 400
    people: int = 50_000
    orders: int = 5_200
    lines: int = 22
    past_orders: int = 265
    tries: int = 5
    quarter_lines: int = 200
    few_people: int = 2_400
    few_lines: int = 17


WHOLE: Final = Size()
QUICK: Final = Size(people=5_000, past_orders=30, tries=3, quarter_lines=100)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A database with nobody in front of it: the owner's connection, and the log-ins that count."""

    grocery: Grocery
    db: Database
    as_worker: Database
    analytics_url: str

    async def acts(self, now: datetime, **told: Any) -> dict[str, Any]:
        """What `bench.counting` says of an act."""
        asked = json.dumps({"url": self.analytics_url, "now": now.isoformat()} | told)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.counting", asked),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, cried = await process.communicate()
        if process.returncode != 0:
            raise BenchFailed(f"counting failed: {cried.decode(errors='replace')[-1000:]}")
        return json.loads(said)

    async def opens(self, quarter: Quarter) -> None:
        """Its days, its products and its budget, as the worker's hourly job makes them."""
        async with self.db.transaction() as tx:
            await store.add_days(tx, quarter)
            await store_releases.open_envelopes(tx, envelopes_of(quarter.year))
            await store_releases.keep_products(tx, quarter)


@asynccontextmanager
async def open_shop(folder: Path, *, products: int, seed: int) -> AsyncGenerator[Shop]:
    """PostgreSQL as durable as a shop's, migrated, and nothing else of a shop."""
    async with running_postgres(folder) as server:
        word = new_token()
        key = folder / "master.key"
        key.write_text(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
        await migrate(server.url(), passwords=dict.fromkeys(ROLES, word), provider=FileKeyProvider(key))
        pg = await asyncpg.connect(server.url().replace("+asyncpg", ""))
        db, as_worker = _database(server.url()), _database(server.url(WORKER, word))
        try:
            grocery = Grocery(pg=pg, seed=seed, products=products)
            await grocery.open()
            yield Shop(grocery=grocery, db=db, as_worker=as_worker, analytics_url=server.url(ANALYTICS, word))
        finally:
            await pg.close()
            await db.close()
            await as_worker.close()


def _database(url: str) -> Database:
    return Database(url, pool_size_max=2, application="kalecart bench")


async def aggregates(folder: Path, size: Size, *, seed: int, say: Say) -> dict[str, Any]:
    """(p) to (r)."""
    made = {"products": size.products, "seed": seed}
    async with open_shop(folder / "young", **made) as young, open_shop(folder / "old", **made) as shop:
        say("people")
        for each in (young, shop):
            await each.grocery.lay_people(first=0, count=size.people, since=AGREED)
        say("five years of orders")
        past = await _lay_past(shop, size)
        say("days of the first year and of the fifth")
        first, fifth = await _days(size, {FIRST_YEAR: young, FIFTH_YEAR: shop})
        say("a quarter of many people")
        large = await _released(shop, LARGE, people=size.people, lines=size.quarter_lines)
        say("a quarter of few people")
        small = await _released(shop, SMALL, people=size.few_people, lines=size.few_lines)
        return {
            "books": {"habits_that_do_not_add_up": await wrong(shop, Quarter.of(FIFTH_YEAR))},
            "p_day": {"past_lines": past, "first_year": first, "fifth_year": fifth},
            "q_release": large,
            "r_accuracy": await accuracy(shop, SMALL),
            "r_release": small,
        }


async def _days(size: Size, shops: Mapping[date, Shop]) -> list[dict[str, Any]]:
    """Some days of each, in turns: what else the machine does, and how warm it is, is then no matter of the years."""
    found: dict[date, list[dict[str, Any]]] = {begin: [] for begin in shops}
    for begin, shop in shops.items():
        await shop.opens(Quarter.of(begin))
        await shop.grocery.pg.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    for number in range(size.tries):
        for begin, shop in shops.items():
            found[begin].append(await _day(shop, size, begin + timedelta(days=number)))
    return [_together(days) for days in found.values()]


async def _day(shop: Shop, size: Size, day: date) -> dict[str, Any]:
    """Pseudonyms and count, and how many pages the count looked at, with those it did so often."""
    laid = await shop.grocery.lay_days(day, days=1, orders=size.orders, lines=size.lines, people=size.people)
    await shop.grocery.pg.execute("SELECT pg_stat_statements_reset()")
    counted = await count(shop, day)
    return counted | {"lines": laid} | dict(await shop.grocery.pg.fetchrow(_PAGES))


def _together(days: list[dict[str, Any]]) -> dict[str, Any]:
    lists = {name: [day[name] for day in days] for name in ("lines", "seconds", "cpu_s", "pages", "read")}
    middle = {f"median_{name}": statistics.median(lists[name]) for name in ("cpu_s", "pages")}
    return lists | {"mb": max(day["mb"] for day in days)} | middle


_PAGES: Final = """
    SELECT sum(shared_blks_hit + shared_blks_read)::bigint AS pages, sum(shared_blks_read)::bigint AS read
      FROM pg_stat_statements WHERE query LIKE '%INSERT INTO habit %'
"""


async def count(shop: Shop, day: date) -> dict[str, Any]:
    """One day, with what comes before it: who has no pseudonym yet gets one."""
    now = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1, hours=12)
    begun = time.monotonic()
    async with shop.as_worker.transaction() as tx:
        await hold_pseudonyms(tx)
        await store.give_pseudonyms(tx, day, now=now)
    gave = time.monotonic() - begun
    done = await shop.acts(now, days=[day.isoformat()])
    return done | {"seconds": round(gave + done["seconds"], 3)}


async def _lay_past(shop: Shop, size: Size) -> int:
    """What a quarter long ago left counted is in the way as well: it would be deleted by now."""
    begin, orders = FIRST_YEAR, size.past_orders
    laid = await shop.grocery.lay_days(
        begin, days=(FIFTH_YEAR - begin).days, orders=orders, lines=size.lines, people=size.people
    )
    await shop.opens(Quarter.of(begin))
    await shop.grocery.lay_habits(Quarter.of(begin), first=0, people=size.people, lines=size.few_lines)
    # What years of upkeep would have done: otherwise it is done while the next days are counted.
    for statement in ("VACUUM (ANALYZE) customer_order", "VACUUM (ANALYZE) order_line", "CHECKPOINT"):
        await shop.grocery.pg.execute(statement)
    return laid


async def _released(shop: Shop, quarter: Quarter, *, people: int, lines: int) -> dict[str, Any]:
    await shop.opens(quarter)
    await shop.grocery.lay_habits(quarter, first=0, people=people, lines=lines)
    done = await release(shop, quarter)
    return {"lines": people * lines, "people": people, "products": shop.grocery.products} | done


async def release(shop: Shop, quarter: Quarter) -> dict[str, Any]:
    now = datetime.combine(quarter.next.first_day, datetime.min.time(), UTC) + timedelta(days=4)
    return await shop.acts(now, quarter=str(quarter))


_TRUTH: Final = "SELECT sku, count(*) AS people FROM habit WHERE quarter = $1 GROUP BY sku"
_PEOPLE: Final = "SELECT count(DISTINCT pseudonym) FROM habit WHERE quarter = $1"


async def accuracy(shop: Shop, quarter: Quarter, *, truth: str = _TRUTH) -> dict[str, Any]:
    """How far the published shares are from the true ones, in points: what 97.5 % of the products stay within.

    `truth` is SQL for how many people bought each product of quarter `$1`.
    """
    async with shop.db.transaction() as tx:
        people = await store_releases.answer_to(tx, question.count(quarter).key)
        told = await store_releases.answer_to(tx, f"{question.Kind.PRODUCTS}:{quarter}")
        figures = await reads.figures_of(tx, quarter)
    if people is None or told is None or figures is None:
        raise BenchFailed(f"{quarter} was not released product by product")
    pg = shop.grocery.pg
    count = await pg.fetchval(_PEOPLE, str(quarter))
    true = {row["sku"]: row["people"] / count for row in await pg.fetch(truth, str(quarter))}
    pairs = zip(told.keys, told.counts, strict=True)
    points = sorted(100 * abs(noisy / people.counts[0] - true.get(key[0], 0)) for key, noisy in pairs)
    shares = [(each.share, true.get(each.key[0], 0)) for each in figures.products]
    return {
        "people": count,
        "products": len(points),
        "each_max": told.each_max,
        "points": round(points[min(int(SIDE * len(points)), len(points) - 1)], 2),
        "median_points": round(statistics.median(points), 2),
        "shown": sum(share.held is None for share, _ in shares),
        "holding": sum(share.low <= 100 * part <= share.high for share, part in shares),
        "half_width_points": round(max(50 * (share.bounds[1] - share.bounds[0]) for share, _ in shares), 2),
    }


_WRONG: Final = """
    WITH truth AS (SELECT DISTINCT pseudonym, sku FROM purchase_seen JOIN counted_day USING (day)
                    WHERE purchase_seen.quarter = $1 AND counted_at IS NOT NULL),
         kept AS (SELECT pseudonym, sku FROM habit WHERE quarter = $1)
    SELECT count(*) FROM ((TABLE truth EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE truth)) AS other
"""


async def wrong(shop: Shop, quarter: Quarter) -> int:
    """Habits that are not what was bought, and what was bought and is no habit."""
    return int(await shop.grocery.pg.fetchval(_WRONG, str(quarter)))
