"""Bring a database to the present schema: roles, migrations, grants, vault. Running it again changes nothing.

Migrations expand first and contract in a later release, so that the previous code runs on the new schema.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from kalecart import forget_books, grants, row_grants
from kalecart.errors import MustNotStart
from kalecart.master_keys import KeyProvider
from kalecart.vault import found_vault

ONE_AT_A_TIME: Final = 7_203_014
LOCK_TIMEOUT: Final = "4s"
STATEMENT_TIMEOUT: Final = "60s"


def configuration(connection: Connection | None = None) -> Config:
    """Alembic without an ini file. `connection` is what `migrations/env.py` runs on."""
    config = Config()
    config.set_main_option("script_location", "kalecart:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest migration there is."""
    return str(ScriptDirectory.from_config(configuration()).get_current_head())


async def migrate(owner_url: str, *, passwords: Mapping[str, str], provider: KeyProvider) -> None:
    """Migrate as the owner of the database; `passwords` are those of the processes' roles, by role."""
    if missing := grants.unplaced():
        raise RuntimeError(f"kalecart/grants.py does not say who may use {', '.join(sorted(missing))}")
    engine = create_async_engine(owner_url, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
            await connection.commit()
            async with connection.begin():
                await connection.run_sync(_roles, passwords)
                await connection.run_sync(_upgrade)
                await _grant(connection)
                await _refuse_lost_keys(connection)
                await found_vault(connection, provider)
    finally:
        await engine.dispose()


def _roles(connection: Connection, passwords: Mapping[str, str]) -> None:
    for role in grants.ROLES:
        if not _known(connection, role):
            connection.execute(text(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT"))
        if role in passwords:
            _set_password(connection, role, passwords[role])
    for role in grants.LENT:
        if not _known(connection, role):
            connection.execute(text(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT"))
    name = connection.scalar(text("SELECT current_database()"))
    connection.execute(text(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC'))
    connection.execute(text("REVOKE ALL ON SCHEMA public FROM PUBLIC"))
    connection.execute(text(f'GRANT CONNECT ON DATABASE "{name}" TO {", ".join(grants.ROLES)}'))


def _known(connection: Connection, role: str) -> bool:
    return bool(connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role}))


def _set_password(connection: Connection, role: str, password: str) -> None:
    # A utility statement takes no parameters. The server quotes it, so that no password can end the literal.
    statement: Any = connection.scalar(
        text("SELECT format('ALTER ROLE %I PASSWORD %L', CAST(:role AS text), CAST(:password AS text))"),
        {"role": role, "password": password},
    )
    connection.exec_driver_sql(statement)


def _upgrade(connection: Connection) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
    command.upgrade(configuration(connection), "head")


async def _refuse_lost_keys(tx: AsyncConnection) -> None:
    """A new index key among people sealed under keys that are elsewhere would make their backup useless."""
    lost = "SELECT EXISTS (SELECT FROM customer) AND NOT EXISTS (SELECT FROM vault.index_key)"
    if await tx.scalar(text(lost)):
        raise MustNotStart("this database has customers and no keys: bring both back with ./kale restore.")


async def _grant(tx: AsyncConnection) -> None:
    """In one message: there are a hundred statements, and each start says them again."""
    script = ";\n".join((*grants.statements(), *forget_books.statements(), *row_grants.statements()))
    raw = await tx.get_raw_connection()
    assert raw.driver_connection is not None
    await raw.driver_connection.execute(script)


def migrate_now(owner_url: str, *, passwords: Mapping[str, str], provider: KeyProvider) -> None:
    asyncio.run(migrate(owner_url, passwords=passwords, provider=provider))
