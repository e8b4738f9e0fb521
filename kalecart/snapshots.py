"""What a backup asks the database: one instant for two sets, and how many rows each table has at it."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager

import sqlalchemy as sa

from kalecart.database import Database, Tx
from kalecart.schema import metadata


@asynccontextmanager
async def shared_snapshot(db: Database) -> AsyncGenerator[tuple[Tx, str]]:
    """A read-only transaction and the name under which another session can look at the same instant."""
    async with db.snapshot() as tx:
        # Another program dumps meanwhile; this transaction only keeps the instant for it.
        await tx.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await tx.execute(sa.text("SET LOCAL statement_timeout = 0"))
        yield tx, str(await tx.scalar(sa.text("SELECT pg_export_snapshot()")))


async def revision(tx: Tx) -> str:
    return str(await tx.scalar(sa.text("SELECT max(version_num) FROM alembic_version")))


async def counts(tx: Tx, only: Iterable[str] | None = None) -> Mapping[str, int]:
    """Rows by table, the keys' own left out. `only` names those that an older schema had."""
    names = [table.name for table in metadata.sorted_tables if table.schema is None] if only is None else only
    return {name: int(await tx.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0) for name in names}


async def is_empty(tx: Tx) -> bool:
    """Whether nobody ever migrated this database."""
    known = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    return not await tx.scalar(sa.text(known))
