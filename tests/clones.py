"""Databases of the tests: cloned from the template, wiped after each test and lent again.

Making and removing a database costs more than most tests take, and so does logging in to look through it. A clone is
lent again only while it has the shape it was made with: whoever changes tables, rights or triggers, or draws a number
from a sequence, leaves it to be removed.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
from sqlalchemy.engine import make_url

from kalecart.database import Database
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
_DRAWN: Final = "(SELECT sum(last_value) FROM pg_sequences)"
_SHAPE: Final = f"SELECT concat_ws(',', {_DRAWN}, {{}})".format(
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
       AND (application_name <> 'kept' OR state <> 'idle')
"""
CONNECTIONS_KEPT_MAX: Final = 4
LEAVING_POLL_S: Final = 0.002
LEAVING_TRIES_MAX: Final = 1000

# A clone as the process of that role sees it: with its own log-in and no more rights.
AsRole = Callable[[str], Database]


class Kept(Database):
    """A clone as one log-in sees it, by connections that stay while it is lent again: a new one knows no table yet."""

    ended = False

    async def close(self) -> None:
        self.ended = True
        await super().close()

    @property
    def crowded(self) -> bool:
        """The server has so many places for all."""
        return self._engine.pool.checkedin() + self._direct._size > CONNECTIONS_KEPT_MAX


@dataclass
class Clones:
    """The clones of one process of the run, and what stays open of each while it is lent again."""

    server: Server
    idle: list[Clone] = field(default_factory=list)
    lent: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    watching: dict[str, Any] = field(default_factory=dict)
    kept: dict[tuple[str, str | None], Kept] = field(default_factory=dict)
    # What ran already when a clone was taken: it belongs to whoever lives longer than one test.
    around: dict[str, set[asyncio.Task[Any]]] = field(default_factory=dict)
    # Statements that write what a clone holds when it is new.
    seeds: str | None = None

    async def taken(self) -> Clone:
        clone = self.idle.pop() if self.idle else await self._made()
        self.around[clone.name] = asyncio.all_tasks()
        return clone

    async def _made(self) -> Clone:
        clone = await self.server.cloned()
        connection = await self._connected(clone)
        self.shapes[clone.name] = await connection.fetchval(_SHAPE)
        if self.seeds is None:
            self.seeds = await _seeds(connection)
        return clone

    def as_role(self, clone: Clone, role: str | None) -> Database:
        """The clone as its owner sees it, or as a process does. Whoever closes it ends it."""
        database = self.kept.get((clone.name, role))
        if database is None or database.ended:
            database = self.kept[clone.name, role] = Kept(clone.url(role), pool_size_max=16, application="kept")
        return database

    async def given_back(self, clone: Clone) -> None:
        await _alone(self.around.pop(clone.name))
        self.lent[clone.name] = self.lent.get(clone.name, 0) + 1
        if self.lent[clone.name] < LENT_MAX and await self._wiped(clone):
            await self._close(clone, [role for role, database in self._kept_of(clone) if database.crowded])
            self.idle.append(clone)
        else:
            await self._dropped(clone)

    async def closed(self) -> None:
        while self.idle:
            await self._dropped(self.idle.pop())

    def _kept_of(self, clone: Clone) -> list[tuple[str | None, Kept]]:
        return [(role, database) for (name, role), database in self.kept.items() if name == clone.name]

    async def _close(self, clone: Clone, roles: list[str | None]) -> None:
        for role in roles:
            await self.kept.pop((clone.name, role)).close()

    async def _dropped(self, clone: Clone) -> None:
        await self._close(clone, [role for role, _ in self._kept_of(clone)])
        if connection := self.watching.pop(clone.name, None):
            await connection.close()
        await self.server.dropped(clone)

    async def _wiped(self, clone: Clone) -> bool:
        """Make it as it was when it was new; False where that takes more than its rows."""
        connection = await self._connected(clone)
        if not await _left(connection) or await connection.fetchval(_SHAPE) != self.shapes[clone.name]:
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


async def _alone(around: set[asyncio.Task[Any]]) -> None:
    """End what a test left running: all of them share one loop."""
    left = asyncio.all_tasks() - around - {asyncio.current_task()}
    for each in left:
        each.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _left(connection: Any) -> bool:
    """Whether nobody else is there any more: who is told to go may still write what it had begun, or come again."""
    for _ in range(LEAVING_TRIES_MAX):
        if not await connection.fetch(_LEAVE):
            return True
        await asyncio.sleep(LEAVING_POLL_S)
    return False


async def _seeds(connection: Any) -> str:
    written = [row["name"] for row in await connection.fetch(_WRITTEN)]
    rows = [await connection.fetchval(f"SELECT quote_literal(jsonb_agg(t)) FROM {name} AS t") for name in written]
    return ";".join(
        f"INSERT INTO {name} SELECT * FROM jsonb_populate_recordset(CAST(NULL AS {name}), {literal})"
        for name, literal in zip(written, rows, strict=True)
        if literal is not None
    )
