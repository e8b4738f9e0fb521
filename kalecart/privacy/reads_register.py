"""What there really is: every column of the database, and the keys in every JSON column, as PostgreSQL knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from kalecart.database import Tx

# A shop's largest tables are looked into so far: newest or oldest does not matter, because code writes the keys.
ROWS_MAX: Final = 50_000

_COLUMNS: Final = sa.text("""
    SELECT CASE space.nspname WHEN 'public' THEN '' ELSE space.nspname || '.' END || relation.relname AS "table",
           attribute.attname AS "column", attribute.atttypid IN ('json'::regtype, 'jsonb'::regtype) AS is_json,
           has_column_privilege(relation.oid, attribute.attnum, 'SELECT') AS readable
      FROM pg_attribute AS attribute
      JOIN pg_class AS relation ON relation.oid = attribute.attrelid
      JOIN pg_namespace AS space ON space.oid = relation.relnamespace
     WHERE relation.relkind IN ('r', 'p', 'v', 'm', 'f') AND attribute.attnum > 0 AND NOT attribute.attisdropped
       AND space.nspname <> 'information_schema' AND space.nspname NOT LIKE 'pg\\_%'
     ORDER BY 1, attribute.attnum
""")

# Of a value only what is inside counts: without the rest the database need not keep what it has walked through before.
_KEYS: Final = """
    WITH RECURSIVE walk (path, inside) AS (
        SELECT pair.key, CASE jsonb_typeof(pair.value) WHEN 'object' THEN pair.value END
          FROM (SELECT {column} AS json FROM {table} WHERE jsonb_typeof({column}) = 'object' LIMIT {most}) AS looked_at,
               jsonb_each(looked_at.json) AS pair
         UNION
        SELECT walk.path || '.' || pair.key, CASE jsonb_typeof(pair.value) WHEN 'object' THEN pair.value END
          FROM walk, jsonb_each(walk.inside) AS pair
         WHERE walk.inside IS NOT NULL
    )
    SELECT DISTINCT path FROM walk ORDER BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column as it is. A table outside the schema `public` is named with its schema."""

    table: str
    name: str
    is_json: bool
    readable: bool


async def columns(tx: Tx) -> Sequence[Column]:
    """Every column of every table and view but the system's own; `readable` by whoever is logged in."""
    return [
        Column(table=row.table, name=row.column, is_json=row.is_json, readable=row.readable)
        for row in await tx.execute(_COLUMNS)
    ]


async def json_keys(tx: Tx, table: str, column: str) -> Sequence[str]:
    """Which keys the objects of a column have, nested ones with a dot."""
    asked = _KEYS.format(table=table, column=column, most=ROWS_MAX)
    return (await tx.execute(sa.text(asked))).scalars().all()
