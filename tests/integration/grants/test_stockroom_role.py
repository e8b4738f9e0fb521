"""What the stockroom may see, tried by attack as the role that web becomes for it (C1, C6)."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from kalecart.grants import MATRIX, ROLES, STOCKROOM, VIEWS, WEB
from tests.integration.grants.test_matrix import ATTACKS, FORBIDDEN, NEVER, allowed, first_column
from tests.server import Clone

# Ways around a role that may read only views: the catalogue's samples, a function that watches, files, other rows.
AROUND = (
    "SELECT stavalues1 FROM pg_statistic",
    "SELECT * FROM vault.data_key LIMIT 0",
    "CREATE FUNCTION pg_temp.spy(text) RETURNS bool LANGUAGE plpgsql COST 0.0001 AS 'BEGIN RETURN true; END'",
    "COPY sold_seen TO '/tmp/planted'",
    "COPY to_pick_seen TO PROGRAM 'true'",
    "SELECT number FROM customer_order FOR UPDATE",
    "EXPLAIN ANALYZE SELECT * FROM customer",
    "CREATE VIEW everything AS SELECT 1",
    "LOCK TABLE customer_order",
    "LISTEN planted; NOTIFY planted; SELECT pg_read_file('postgresql.conf')",
)


async def _connected(clone: Clone, role: str) -> asyncpg.Connection:
    url = make_url(clone.url(role)).set(drivername="postgresql")
    return await asyncpg.connect(url.render_as_string(hide_password=False))


@pytest_asyncio.fixture
async def stockroom(clone: Clone) -> AsyncIterator[asyncpg.Connection]:
    """As web is while it looks: it became the stockroom, and has not gone back."""
    connection = await _connected(clone, WEB)
    await connection.execute(f"SET ROLE {STOCKROOM}")
    yield connection
    await connection.close()


async def test_the_stockroom_reads_its_three_views_and_no_table(stockroom: asyncpg.Connection) -> None:
    readable = [view for view in VIEWS if await allowed(stockroom, f"SELECT * FROM {view} LIMIT 0")]
    touched = [
        (table, letter)
        for table in MATRIX
        for letter, attack in ATTACKS.items()
        if await allowed(stockroom, attack.format(table=table, column=first_column(table)))
    ]

    assert readable == ["shelf_seen", "sold_seen", "to_pick_seen"]
    assert touched == []


async def test_the_stockroom_finds_no_way_around_its_views(stockroom: asyncpg.Connection) -> None:
    forbidden = [attack for attack in FORBIDDEN if "DATABASE" not in attack]  # which no transaction may
    attacks = [*AROUND, *forbidden, *(attack.format(table=table) for table in MATRIX for attack in NEVER)]

    assert [attack for attack in attacks if await allowed(stockroom, attack)] == []


async def test_what_the_stockroom_sees_names_nobody(stockroom: asyncpg.Connection) -> None:
    columns = """
        SELECT attrelid::regclass::text AS view, string_agg(attname, ' ' ORDER BY attnum) AS names
          FROM pg_attribute WHERE attrelid = ANY ($1::regclass[]) GROUP BY attrelid
    """
    found = await stockroom.fetch(columns, ["shelf_seen", "sold_seen", "to_pick_seen"])

    assert {row["view"]: row["names"] for row in found} == {
        "shelf_seen": "sku name aisle position on_hand",
        "sold_seen": "day starts_at ends_at sku units",
        "to_pick_seen": "window_id starts_at ends_at order_number begun sku name aisle position units",
    }


@pytest.mark.parametrize("role", ROLES)
async def test_only_web_can_become_the_stockroom_and_nobody_has_its_rights_without(clone: Clone, role: str) -> None:
    """Whoever makes files for others is another role: no figure of the stockroom's is within its reach."""
    connection = await _connected(clone, role)
    try:
        readable = [view for view in VIEWS if await allowed(connection, f"SELECT * FROM {view} LIMIT 0")]
        becomes = await allowed(connection, f"SET LOCAL ROLE {STOCKROOM}")
    finally:
        await connection.close()

    assert readable == [view for view, readers in VIEWS.items() if role in readers]
    assert becomes is (role == WEB)


async def test_nobody_logs_in_as_the_stockroom(clone: Clone) -> None:
    with pytest.raises(asyncpg.PostgresError):
        await _connected(clone, STOCKROOM)


async def test_every_view_has_a_barrier_before_the_functions_of_its_readers(stockroom: asyncpg.Connection) -> None:
    options = """
        SELECT relname FROM pg_class WHERE relkind = 'v' AND 'security_barrier=true' = ANY (reloptions)
           AND relnamespace = 'public'::regnamespace
    """

    assert {row["relname"] for row in await stockroom.fetch(options)} == set(VIEWS)
