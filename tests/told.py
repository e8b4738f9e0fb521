"""A shop whose people are counted: what they bought is planted, as counting leaves it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.analytics import store, store_releases
from kalecart.analytics.budget import envelopes_of
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.release_quarter import release_quarter
from kalecart.database import Database, Tx
from kalecart.ids import StaffId
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from tests.builders import a_product
from tests.clock import FakeClock

QUARTER: Final = Quarter(year=2026, number=4)
AISLES: Final = ("Fruit", "Vegetables", "Pantry", "Drinks")
EVERY_DAY: Final = "1" * 92

_PLANT: Final = sa.text("""
    INSERT INTO habit (pseudonym, sku, quarter, draw, days)
    SELECT pseudonym, sku, :quarter, draw, CAST(days AS bit(92))
      FROM unnest(CAST(:pseudonyms AS uuid[]), CAST(:skus AS text[]), CAST(:draws AS bigint[]), CAST(:days AS text[]))
           AS planted (pseudonym, sku, draw, days)
""")


async def plant(
    tx: Tx, people: Sequence[Collection[str]], *, quarter: Quarter = QUARTER, days: str = EVERY_DAY, seed: int = 0
) -> list[UUID]:
    """One set of products for each person. Nobody stands behind a pseudonym here."""
    chance = Random(seed)
    pseudonyms = [UUID(int=chance.getrandbits(128), version=4) for _ in people]
    lines = [(who, sku) for who, bought in zip(pseudonyms, people, strict=True) for sku in bought]
    await tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
    rows = {
        "quarter": str(quarter),
        "pseudonyms": [who for who, _ in lines],
        "skus": [sku for _, sku in lines],
        "draws": [chance.getrandbits(63) for _ in lines],
        "days": [days for _ in lines],
    }
    await tx.execute(_PLANT, rows)
    return pseudonyms


@dataclass
class Shop:
    """As its owner sees it, as the worker who counts does, and as web does; a day after the quarter's end."""

    db: Database
    counting: Database
    web: Database
    clock: FakeClock
    manager: StaffId

    @property
    def member(self) -> StaffMember:
        return StaffMember(id=self.manager, role=Role.MANAGER)

    async def sells(self, *skus: str) -> None:
        for number, sku in enumerate(skus):
            await a_product(self.db, sku)
            async with self.db.transaction() as tx:
                aisle = {"aisle": AISLES[number % len(AISLES)], "sku": sku}
                await tx.execute(sa.text("UPDATE product SET aisle = :aisle WHERE sku = :sku"), aisle)
        await self.opens(QUARTER)

    async def opens(self, quarter: Quarter) -> None:
        """What the hourly job makes ready, without the days' counts."""
        async with self.db.transaction() as tx:
            await store.add_days(tx, quarter)
            await store_releases.open_envelopes(tx, envelopes_of(quarter.year))
            await store_releases.keep_products(tx, quarter)

    async def sold(self, people: Sequence[Collection[str]], *, quarter: Quarter = QUARTER) -> list[UUID]:
        """And every day is counted."""
        async with self.db.transaction() as tx:
            await tx.execute(
                sa.text("UPDATE counted_day SET counted_at = ends_at WHERE quarter = :quarter"),
                {"quarter": str(quarter)},
            )
            return await plant(tx, people, quarter=quarter)

    async def releases(self, quarter: Quarter = QUARTER) -> None:
        await release_quarter(quarter, None, db=self.counting, clock=self.clock)

    async def asks(self, statement: str, **values: object) -> list[Any]:
        async with self.db.transaction() as tx:
            return list(await tx.execute(sa.text(statement), values))

    async def debits(self) -> dict[str, int]:
        """By envelope, as the envelopes have it."""
        rows = await self.asks("SELECT id, spent_microrho FROM envelope WHERE spent_microrho > 0")
        return {row.id: row.spent_microrho for row in rows}
