"""Databases of the tests: cloned from the template, wiped after each test and lent again.

Making and removing a database costs more than most tests take. A clone is lent again only while it has the shape it was
made with: whoever changes tables, rights or triggers leaves it to be removed.
"""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

import asyncpg
from sqlalchemy.engine import make_url

from tests.server import Clone, Server

# Rows that are gone stay in their pages for a while, so a clone does not live for ever.
LENT_MAX: Final = 60

_OURS: Final = "ARRAY(SELECT oid FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)')"
_SHAPE: Final = f"""
    SELECT md5(string_agg(what, '|' ORDER BY what)) FROM (
        SELECT concat_ws(',', 'class', oid, relname, relkind, relowner, relacl, relrowsecurity, reloptions) AS what
          FROM pg_class WHERE relnamespace = ANY ({_OURS})
         UNION ALL SELECT concat_ws(',', 'column', attrelid, attnum, attname, atttypid, attnotnull, attacl)
          FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = ANY ({_OURS})
         UNION ALL SELECT concat_ws(',', 'constraint', oid, conname, convalidated) FROM pg_constraint
         UNION ALL SELECT concat_ws(',', 'trigger', tgrelid, tgname, tgenabled) FROM pg_trigger
         UNION ALL SELECT concat_ws(',', 'function', oid, proname, md5(prosrc), proacl)
          FROM pg_proc WHERE pronamespace = ANY ({_OURS})
         UNION ALL SELECT concat_ws(',', 'schema', oid, nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_'
         UNION ALL SELECT concat_ws(',', 'database', datacl) FROM pg_database WHERE datname = current_database()
         UNION ALL SELECT concat_ws(',', 'setting', setrole, setconfig) FROM pg_db_role_setting
    ) AS everything
"""
_TABLES: Final = f"""
    SELECT nspname AS schema, relname AS name FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind = 'r' AND relnamespace = ANY ({_OURS})
"""
_LEAVE: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Clones:
    """The clones of one process of the run."""

    server: Server
    idle: list[Clone] = field(default_factory=list)
    lent: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    # What a clone holds when it is new, table by table.
    seeds: dict[tuple[str, str], bytes] | None = None

    async def taken(self) -> Clone:
        if self.idle:
            return self.idle.pop()
        clone = await self.server.cloned()
        connection = await _connected(clone)
        try:
            self.shapes[clone.name] = await connection.fetchval(_SHAPE)
            if self.seeds is None:
                self.seeds = await _contents(connection)
        finally:
            await connection.close()
        return clone

    async def given_back(self, clone: Clone) -> None:
        self.lent[clone.name] = self.lent.get(clone.name, 0) + 1
        if self.lent[clone.name] < LENT_MAX and await self._wiped(clone):
            self.idle.append(clone)
        else:
            await self.server.dropped(clone)

    async def closed(self) -> None:
        while self.idle:
            await self.server.dropped(self.idle.pop())

    async def _wiped(self, clone: Clone) -> bool:
        """Make it as it was when it was new; False where that takes more than its rows."""
        connection = await _connected(clone)
        try:
            await connection.execute(_LEAVE)
            if await connection.fetchval(_SHAPE) != self.shapes[clone.name]:
                return False
            tables = await _tables(connection)
            async with connection.transaction():
                # Neither foreign keys nor triggers that keep rows from being removed.
                await connection.execute("SET LOCAL session_replication_role = replica")
                await connection.execute(";".join(f'DELETE FROM "{schema}"."{name}"' for schema, name in tables))
                for (schema, name), rows in (self.seeds or {}).items():
                    await connection.copy_to_table(name, schema_name=schema, source=BytesIO(rows), format="binary")
        finally:
            await connection.close()
        return True


async def _contents(connection: Any) -> dict[tuple[str, str], bytes]:
    found = {}
    for schema, name in await _tables(connection):
        if await connection.fetchval(f'SELECT EXISTS (SELECT FROM "{schema}"."{name}")'):
            rows = BytesIO()
            await connection.copy_from_table(name, schema_name=schema, output=rows, format="binary")
            found[schema, name] = rows.getvalue()
    return found


async def _tables(connection: Any) -> list[tuple[str, str]]:
    return [(row["schema"], row["name"]) for row in await connection.fetch(_TABLES)]


async def _connected(clone: Clone) -> Any:
    url = make_url(clone.url()).set(drivername="postgresql")
    return await asyncpg.connect(url.render_as_string(hide_password=False))
