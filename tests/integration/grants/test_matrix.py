"""Every cell of the matrix of rights, tried by attack: as the role itself, over its own log-in."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from kalecart.grants import ADDED, COLUMNS, LENT, MATRIX, ROLES
from kalecart.schema import metadata
from tests.server import Clone

# For each letter a statement that touches no row: rights are checked before anything is looked at.
ATTACKS: Final = {
    "r": "SELECT * FROM {table} LIMIT 0",
    "i": "INSERT INTO {table} SELECT * FROM (SELECT (NULL::{table}).*) AS nothing WHERE false",
    "u": "UPDATE {table} SET {column} = NULL WHERE false",
    "d": "DELETE FROM {table} WHERE false",
}
NEVER: Final = (
    "TRUNCATE {table}",
    "ALTER TABLE {table} ADD COLUMN planted int",
    "DROP TABLE {table}",
    "CREATE RULE planted AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
)
FORBIDDEN: Final = (
    "CREATE TABLE planted (id int)",
    "CREATE TABLE vault.planted (id int)",
    "CREATE SCHEMA planted",
    "CREATE TEMPORARY TABLE planted (id int)",
    "CREATE FUNCTION planted() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION pg_stat_statements",
    "CREATE ROLE planted",
    "CREATE DATABASE planted",
    "SET ROLE kale_owner",
    "SET SESSION AUTHORIZATION kale_owner",
    "COPY (SELECT 1) TO '/tmp/planted'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "SELECT rolpassword FROM pg_authid",
    "SELECT lo_import('/etc/passwd')",
)
REFUSED: Final = (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidGrantOperationError)


@pytest_asyncio.fixture(params=ROLES)
async def role(clone: Clone, request: pytest.FixtureRequest) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    url = make_url(clone.url(request.param)).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    yield request.param, connection
    await connection.close()


async def allowed(connection: asyncpg.Connection, statement: str) -> bool:
    """Whether the server lets this role do it; whatever it did is undone."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        await connection.execute(statement)
    except REFUSED:
        return False
    finally:
        await attempt.rollback()
    return True


def first_column(table: str) -> str:
    known: dict[str, Any] = dict(metadata.tables)
    return "version_num" if table == "alembic_version" else known[table].columns.values()[0].name


async def test_a_role_may_do_what_the_matrix_says_and_nothing_else(role: tuple[str, asyncpg.Connection]) -> None:
    name, connection = role
    column = ROLES.index(name)
    wrong = []
    for table, cells in MATRIX.items():
        for letter, attack in ATTACKS.items():
            may = await allowed(connection, attack.format(table=table, column=first_column(table)))
            if may is not (letter in cells[column]):
                wrong.append((table, letter, may))

    assert wrong == []


async def test_what_is_changed_in_one_column_is_changed_in_no_other(role: tuple[str, asyncpg.Connection]) -> None:
    """C9: nobody at work rewrites a version of the policy."""
    name, connection = role
    known: dict[str, Any] = dict(metadata.tables)
    for table in {table for table, _ in COLUMNS if "u" not in MATRIX[table][ROLES.index(name)]}:
        for each in known[table].columns:
            may = await allowed(connection, ATTACKS["u"].format(table=table, column=each.name))
            whole = "u" in MATRIX[table][ROLES.index(name)]
            assert may is (whole or each.name in COLUMNS.get((table, name), "").split(", ")), each.name


async def test_no_role_may_empty_change_or_hand_on_a_table(role: tuple[str, asyncpg.Connection]) -> None:
    _, connection = role

    assert [
        statement
        for table in MATRIX
        for statement in (attack.format(table=table) for attack in NEVER)
        if await allowed(connection, statement)
    ] == []


async def test_no_role_may_make_anything_become_anybody_or_touch_files(role: tuple[str, asyncpg.Connection]) -> None:
    _, connection = role
    succeeded = []
    for statement in FORBIDDEN:
        try:
            await connection.execute(statement)
        except REFUSED:
            continue
        succeeded.append(statement)

    assert succeeded == []


async def test_no_role_can_hand_its_rights_on(role: tuple[str, asyncpg.Connection]) -> None:
    """The server answers such a GRANT with a warning and does nothing, so what counts is what was given."""
    _, connection = role
    for table in MATRIX:
        with contextlib.suppress(*REFUSED):
            await connection.execute(f"GRANT ALL ON {table} TO PUBLIC")

    given = "SELECT count(*) FROM information_schema.role_table_grants WHERE grantor = current_user"
    assert await connection.fetchval(given) == 0


async def test_nothing_is_everybodys(role: tuple[str, asyncpg.Connection]) -> None:
    _, connection = role
    public = """
        SELECT count(*) FROM pg_class AS c, aclexplode(c.relacl) AS a
         WHERE a.grantee = 0 AND c.relnamespace IN ('public'::regnamespace, 'vault'::regnamespace)
           AND c.relkind IN ('r', 'v', 'm', 'p', 'S')
    """

    assert await connection.fetchval(public) == 0


async def test_a_role_that_is_lent_does_what_it_is_for_and_nothing_else(clone: Clone) -> None:
    """C6: who writes a file for others reads releases meanwhile, and no table that knows anybody."""
    for lent_role, lent in LENT.items():
        url = make_url(clone.url(lent.to)).set(drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        await connection.execute(f"SET ROLE {lent_role}")
        reached = []
        for table in MATRIX:
            for letter, attack in ATTACKS.items():
                if await allowed(connection, attack.format(table=table, column=first_column(table))):
                    reached.append((letter, table))
        whole = [("r", right.split()[-1]) for right in lent.rights if right.startswith("SELECT ON")]
        assert set(reached) == {each for each in whole if each[1] in MATRIX}
        await connection.close()


async def test_a_role_that_is_lent_is_taken_by_one_and_lets_nobody_in(clone: Clone) -> None:
    for name in ROLES:
        url = make_url(clone.url(name)).set(drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        may = [lent_role for lent_role in LENT if await allowed(connection, f"SET ROLE {lent_role}")]
        assert may == [lent_role for lent_role, lent in LENT.items() if lent.to == name]
        let_in = "SELECT bool_or(rolcanlogin) FROM pg_roles WHERE rolname = ANY($1)"
        assert not await connection.fetchval(let_in, [*LENT])
        await connection.close()


async def test_the_web_asks_for_a_file_and_never_writes_what_it_says(clone: Clone) -> None:
    """C6: who reads customers writes no file for others."""
    known: dict[str, Any] = dict(metadata.tables)
    for (table, name), columns in ADDED.items():
        url = make_url(clone.url(name)).set(drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        may = {
            each.name
            for each in known[table].columns
            if await allowed(connection, f"INSERT INTO {table} ({each.name}) SELECT NULL WHERE false")
        }
        assert may == set(columns.split(", "))
        await connection.close()
