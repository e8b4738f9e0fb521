"""A database that is lent again is as one that is new, or the rows of one test decide about the next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from kalecart.grants import WEB
from tests.clones import Clones
from tests.server import Clone, Server

TABLES = """
    SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind IN ('r', 'p', 'm') AND nspname !~ '^(pg_|information_schema$)'
"""
ADDED = "INSERT INTO paused_topic SELECT format('%s', n), now(), gen_random_uuid() FROM generate_series(1, 2000) AS n"


@pytest_asyncio.fixture
async def clones(server: Server) -> AsyncIterator[Clones]:
    """Apart from the run's own."""
    clones = Clones(server)
    yield clones
    await clones.closed()


@asynccontextmanager
async def connected(clone: Clone) -> AsyncIterator[Any]:
    url = make_url(clone.url()).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        connection.terminate()


async def content_of(clone: Clone) -> dict[str, list[str]]:
    async with connected(clone) as connection:
        return {
            name: sorted(row[0] for row in await connection.fetch(f"SELECT t::text FROM {name} AS t"))
            for (name,) in await connection.fetch(TABLES)
        }


async def test_what_was_added_changed_or_taken_away_is_as_it_was(clones: Clones) -> None:
    clone = await clones.taken()
    new = await content_of(clone)
    seeded = [name for name, rows in new.items() if rows]
    async with connected(clone) as connection:
        await connection.execute(f"BEGIN; {ADDED}; ROLLBACK")
        await connection.execute(ADDED)
        await connection.execute("UPDATE audit_head SET sequence = 7")
        emptied = ";".join(f"DELETE FROM {name}" for name in seeded if name != "public.audit_head")
        await connection.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {emptied}; COMMIT")
        await connection.execute("VACUUM")

    await clones.given_back(clone)

    assert clones.idle == [clone]
    assert await content_of(clone) == new
    assert len(seeded) >= 4


async def test_whoever_is_in_the_middle_of_something_is_gone_before_the_rows_are(clones: Clones) -> None:
    clone = await clones.taken()
    async with connected(clone) as idle, connected(clone) as writing:
        await idle.execute("SELECT 1")
        await writing.execute(f"BEGIN; {ADDED}")

        await clones.given_back(clone)

        async with connected(clone) as connection:
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid = ANY ($1)"
            there = [idle.get_server_pid(), writing.get_server_pid()]
            assert await connection.fetchval(others, there) == 0
            assert await connection.fetchval("SELECT count(*) FROM paused_topic") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE paused_topic",
        "ALTER TABLE paused_topic ALTER paused_by DROP NOT NULL",
        f"GRANT DELETE ON audit_entry TO {WEB}",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "SELECT nextval('vault.index_key_id_seq')",
    ],
)
async def test_one_that_is_not_made_as_it_was_is_not_lent_again(clones: Clones, statement: str) -> None:
    clone = await clones.taken()
    async with connected(clone) as connection:
        await connection.execute(statement)

    await clones.given_back(clone)

    assert clones.idle == []


async def test_what_a_test_left_running_is_ended_and_what_ran_before_it_goes_on(clones: Clones) -> None:
    never = asyncio.Event()
    before = asyncio.create_task(never.wait())
    clone = await clones.taken()
    left = asyncio.create_task(never.wait())

    await clones.given_back(clone)
    ended = (before.done(), left.cancelled())
    before.cancel()

    assert ended == (False, True)
