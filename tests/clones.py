"""Databases of the tests: cloned from the template, wiped after each test and lent again.

Making and removing a database costs more than most tests take, and so does logging in to look through it. A clone is
lent again only while it has the shape it was made with: whoever changes tables, rights or triggers leaves it to be
removed.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
from sqlalchemy.engine import make_url

from tests.server import Clone, Server

# Rows that are gone stay in their pages, so a clone does not live for ever, and less long where there were many.
LENT_MAX: Final = 200
WIPED_BYTES_MAX: Final = 4 << 20

_OURS: Final = "ARRAY(SELECT oid FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)')"
# Whatever changes a shape writes rows of these anew, and a row knows the transaction that wrote it.
_CATALOGUES: Final = {
    "pg_class": "relpersistence <> 't'",
    "pg_attribute": "true",
    "pg_constraint": "true",
    "pg_index": "true",
    "pg_policy": "true",
    "pg_proc": "true",
    "pg_rewrite": "true",
    "pg_trigger": "true",
    "pg_namespace": "true",
    "pg_database": "datname = current_database()",
    "pg_db_role_setting": "true",
}
_SHAPE: Final = "SELECT concat_ws(',', {})".format(
    ", ".join(
        f"(SELECT concat_ws(':', count(*), max(CAST(CAST(xmin AS text) AS bigint))) FROM {name} WHERE {which})"
        for name, which in _CATALOGUES.items()
    )
)
_WRITTEN: Final = f"""
    SELECT format('%I.%I', nspname, relname) AS name, pg_relation_size(pg_class.oid) AS bytes
      FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind = 'r' AND relnamespace = ANY ({_OURS}) AND pg_relation_size(pg_class.oid) > 0
"""
_LEAVE: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Clones:
    """The clones of one process of the run, and a connection to each that stays while it is lent."""

    server: Server
    idle: list[Clone] = field(default_factory=list)
    lent: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    watching: dict[str, Any] = field(default_factory=dict)
    # Statements that write what a clone holds when it is new.
    seeds: str | None = None
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def taken(self) -> Clone:
        return self._run(self._taken())

    def given_back(self, clone: Clone) -> None:
        self._run(self._given_back(clone))

    def close(self) -> None:
        while self.idle:
            self._run(self._dropped(self.idle.pop()))
        self.loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def _taken(self) -> Clone:
        if self.idle:
            return self.idle.pop()
        clone = await self.server.cloned()
        connection = await self._connected(clone)
        self.shapes[clone.name] = await connection.fetchval(_SHAPE)
        if self.seeds is None:
            self.seeds = await _seeds(connection)
        return clone

    async def _given_back(self, clone: Clone) -> None:
        self.lent[clone.name] = self.lent.get(clone.name, 0) + 1
        if self.lent[clone.name] < LENT_MAX and await self._wiped(clone):
            self.idle.append(clone)
        else:
            await self._dropped(clone)

    async def _dropped(self, clone: Clone) -> None:
        if connection := self.watching.pop(clone.name, None):
            connection.terminate()
        await self.server.dropped(clone)

    async def _wiped(self, clone: Clone) -> bool:
        """Make it as it was when it was new; False where that takes more than its rows."""
        connection = await self._connected(clone)
        await connection.execute(_LEAVE)
        if await connection.fetchval(_SHAPE) != self.shapes[clone.name]:
            return False
        written = await connection.fetch(_WRITTEN)
        # Neither foreign keys nor triggers that keep rows from being removed.
        deletions = ";".join(f"DELETE FROM {table['name']}" for table in written)
        await connection.execute(
            f"BEGIN; SET LOCAL session_replication_role = replica; {deletions}; {self.seeds}; COMMIT"
        )
        return sum(table["bytes"] for table in written) < WIPED_BYTES_MAX

    async def _connected(self, clone: Clone) -> Any:
        connection = self.watching.get(clone.name)
        if connection is None or connection.is_closed():  # a test may have ended every session there was
            url = make_url(clone.url()).set(drivername="postgresql")
            connection = await asyncpg.connect(url.render_as_string(hide_password=False))
            self.watching[clone.name] = connection
        return connection


async def _seeds(connection: Any) -> str:
    written = [row["name"] for row in await connection.fetch(_WRITTEN)]
    rows = [await connection.fetchval(f"SELECT quote_literal(jsonb_agg(t)) FROM {name} AS t") for name in written]
    return ";".join(
        f"INSERT INTO {name} SELECT * FROM jsonb_populate_recordset(CAST(NULL AS {name}), {literal})"
        for name, literal in zip(written, rows, strict=True)
        if literal is not None
    )
