"""The boundary where a driver's error loses the values it carries."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart import database
from kalecart.database import ConstraintBroken, Database, DatabaseFault
from kalecart.errors import Unavailable
from kalecart.ids import new_id
from kalecart.tasks import task
from tests.builders import a_product
from tests.clock import FakeClock
from tests.server import Clone

CANARY = "ana.lima@example.com"


def everything_said(error: BaseException) -> str:
    """The error and all that a traceback would print of its causes, as a log without an allow-list would have it."""
    return "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))


def a_task(clock: FakeClock, **but: Any) -> dict[str, Any]:
    row = {"id": new_id(), "topic": "prune", "key": CANARY, "arguments": {}, "due_at": clock.now()}
    return row | {"promised_at": clock.now()} | but


async def insert(db: Database, **row: Any) -> None:
    async with db.transaction() as tx:
        await tx.execute(sa.insert(task).values(**row))


async def test_a_value_that_is_there_already_is_not_repeated_in_the_error(db: Database, clock: FakeClock) -> None:
    await insert(db, **a_task(clock))

    with pytest.raises(ConstraintBroken) as broken:
        await insert(db, **a_task(clock))

    assert (broken.value.constraint, broken.value.sqlstate) == ("task_key_once", "23505")
    assert CANARY not in everything_said(broken.value)


async def test_a_value_that_a_check_refuses_is_not_repeated_in_the_error(db: Database, clock: FakeClock) -> None:
    with pytest.raises(ConstraintBroken) as broken:
        await insert(db, **a_task(clock, state=CANARY))

    assert broken.value.constraint == "task_state_known"
    assert CANARY not in everything_said(broken.value)


async def test_a_value_that_does_not_fit_its_column_is_not_repeated_in_the_error(
    db: Database, clock: FakeClock
) -> None:
    with pytest.raises(DatabaseFault) as broken:
        await insert(db, **a_task(clock, attempts=CANARY))

    assert CANARY not in everything_said(broken.value)


async def test_a_value_that_cannot_be_cast_is_not_repeated_in_the_error(db: Database) -> None:
    with pytest.raises(DatabaseFault) as broken:
        async with db.transaction() as tx:
            await tx.execute(sa.text("SELECT CAST(CAST(:value AS text) AS integer)"), {"value": CANARY})

    assert str(broken.value) == "SQLSTATE 22P02"
    assert CANARY not in everything_said(broken.value)


async def test_the_direct_way_forgets_values_too(db: Database) -> None:
    with pytest.raises(DatabaseFault) as fault:
        async with db.direct() as pg:
            await pg.fetchval("SELECT $1::text::integer", CANARY)
    with pytest.raises(DatabaseFault) as misuse:
        async with db.direct() as pg:
            await pg.fetchval("SELECT $1::integer", CANARY)

    assert CANARY not in everything_said(fault.value)
    assert CANARY not in everything_said(misuse.value)


async def test_a_snapshot_forgets_values_too_and_refuses_to_write(db: Database, clock: FakeClock) -> None:
    with pytest.raises(DatabaseFault) as fault:
        async with db.snapshot() as tx:
            await tx.execute(sa.insert(task).values(**a_task(clock)))

    assert str(fault.value) == "SQLSTATE 25006"
    assert CANARY not in everything_said(fault.value)


async def test_a_snapshot_sees_one_instant_however_long_it_looks(db: Database, clock: FakeClock) -> None:
    async with db.snapshot() as tx:
        before = await tx.scalar(sa.select(sa.func.count()).select_from(task))
        await insert(db, **a_task(clock))
        after = await tx.scalar(sa.select(sa.func.count()).select_from(task))

    assert (before, after) == (0, 0)


async def test_what_a_verb_raises_itself_passes_and_undoes_its_work(db: Database, clock: FakeClock) -> None:
    with pytest.raises(LookupError):
        async with db.transaction() as tx:
            await tx.execute(sa.insert(task).values(**a_task(clock)))
            raise LookupError

    async with db.snapshot() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(task)) == 0


@pytest_asyncio.fixture
async def narrow(clone: Clone) -> AsyncIterator[Database]:
    """A pool of one, so that the next use must be of the same connection or a new one in its place."""
    narrow = Database(clone.url(), pool_size_max=1, application="narrow")
    yield narrow
    await narrow.close()


async def kill(db: Database, application: str) -> None:
    async with db.direct() as pg:
        # Those of this database: the same test of another process of the run may be at its own.
        victims = await pg.fetch(
            "SELECT pid, pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = $1",
            application,
        )
    assert victims


async def test_a_connection_killed_while_idle_costs_nobody_a_request(db: Database, narrow: Database) -> None:
    async with narrow.transaction() as tx:
        await tx.execute(sa.text("SELECT 1"))
    await kill(db, "narrow")
    await asyncio.sleep(0.05)  # for the driver to read that its connection was closed

    async with narrow.transaction() as tx:
        assert await tx.scalar(sa.text("SELECT 1")) == 1
    async with narrow.direct() as pg:
        assert await pg.fetchval("SELECT 1") == 1


async def test_a_connection_killed_in_use_is_unavailable_and_the_next_one_works(db: Database, narrow: Database) -> None:
    with pytest.raises(Unavailable):
        async with narrow.transaction() as tx:
            await tx.execute(sa.text("SELECT 1"))
            await kill(db, "narrow")
            await tx.execute(sa.text("SELECT 1"))

    async with narrow.transaction() as tx:
        assert await tx.scalar(sa.text("SELECT 1")) == 1


async def test_a_connection_killed_on_the_direct_way_is_unavailable_and_the_next_one_works(
    db: Database, narrow: Database
) -> None:
    with pytest.raises(Unavailable):
        async with narrow.direct() as pg:
            await kill(db, "narrow")
            await pg.fetchval("SELECT 1")

    async with narrow.direct() as pg:
        assert await pg.fetchval("SELECT 1") == 1


async def test_a_statement_that_takes_too_long_is_unavailable(db: Database) -> None:
    with pytest.raises(Unavailable):
        async with db.transaction() as tx:
            await tx.execute(sa.text("SET LOCAL statement_timeout = '50ms'"))
            await tx.execute(sa.text("SELECT pg_sleep(10)"))


async def test_a_lock_that_is_not_given_in_time_is_unavailable(db: Database) -> None:
    await a_product(db, "kale")
    lock = sa.text("SELECT sku FROM product FOR UPDATE")
    async with db.transaction() as tx:
        await tx.execute(lock)

        with pytest.raises(Unavailable):
            async with db.transaction() as other:
                await other.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
                await other.execute(lock)


async def test_every_connection_has_its_limits_set_by_the_server(db: Database) -> None:
    async with db.direct() as pg:
        limits = {
            name: await pg.fetchval("SELECT setting FROM pg_settings WHERE name = $1", name)
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "TimeZone")
        }

    assert limits == {
        "statement_timeout": str(database.STATEMENT_TIMEOUT_MS),
        "lock_timeout": str(database.LOCK_TIMEOUT_MS),
        "idle_in_transaction_session_timeout": str(database.IDLE_IN_TRANSACTION_MS),
        "TimeZone": "UTC",
    }


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    nowhere = Database("postgresql+asyncpg://nobody:hunter2@127.0.0.1:1/kalecart", pool_size_max=1, application="test")

    for way in (nowhere.transaction, nowhere.snapshot, nowhere.direct):
        with pytest.raises(Unavailable) as unavailable:
            async with way():
                pass
        assert "hunter2" not in everything_said(unavailable.value)
    await nowhere.close()


async def test_a_wrong_password_is_not_repeated_in_the_error(clone: Clone) -> None:
    wrong = Database(clone.url("kale_web").replace("role", "hunter2"), pool_size_max=1, application="test")

    with pytest.raises((DatabaseFault, Unavailable)) as refused:
        async with wrong.transaction():
            pass
    await wrong.close()

    assert "hunter2" not in everything_said(refused.value)


@pytest.mark.parametrize(
    ("raised", "means"),
    [
        (asyncpg.SerializationError, Unavailable),
        (asyncpg.DeadlockDetectedError, Unavailable),
        (asyncpg.TooManyConnectionsError, Unavailable),
        (asyncpg.AdminShutdownError, Unavailable),
        (asyncpg.CannotConnectNowError, Unavailable),
        (asyncpg.QueryCanceledError, Unavailable),
        (asyncpg.LockNotAvailableError, Unavailable),
        (asyncpg.DiskFullError, Unavailable),
        (asyncpg.InsufficientPrivilegeError, DatabaseFault),
        (asyncpg.UndefinedTableError, DatabaseFault),
        (asyncpg.DivisionByZeroError, DatabaseFault),
        (asyncpg.NotNullViolationError, ConstraintBroken),
        (asyncpg.InternalClientError, Unavailable),
        (ConnectionResetError, Unavailable),
        (TimeoutError, Unavailable),
    ],
)
def test_a_drivers_error_is_sorted_by_what_the_caller_may_do(raised: type[Exception], means: type[Exception]) -> None:
    assert type(database.translated(raised(CANARY))) is means
    assert CANARY not in str(database.translated(raised(CANARY)))


async def test_a_connection_whose_server_is_just_dying_says_that_nobody_answered(db: Database) -> None:
    """Its last words have been read and the line is not cut yet: the driver has an error of its own kind for that."""
    with pytest.raises(Unavailable):
        async with db.direct():
            raise asyncpg.InternalClientError(CANARY)
    with pytest.raises(Unavailable):
        async with db.transaction():
            raise asyncpg.InternalClientError(CANARY)
