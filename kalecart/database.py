"""PostgreSQL: transactions, snapshots, and the one boundary where a driver's error loses the values it carries.

A failed statement's message holds the row ("Key (email)=(…) already exists"), and hiding parameters does not help:
the detail comes from the server. So no driver exception leaves this module.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import asyncpg
from sqlalchemy import event, exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from kalecart.direct import DirectPool
from kalecart.errors import Unavailable

Tx = AsyncConnection
Pg = asyncpg.Connection

POOL_WAIT_S: Final = 5.0
CONNECT_TIMEOUT_S: Final = 5.0
STATEMENT_TIMEOUT_MS: Final = 10_000
LOCK_TIMEOUT_MS: Final = 4_000
IDLE_IN_TRANSACTION_MS: Final = 15_000

# Connection trouble, shutting down, out of connections, cancelled, lock or serialisation lost: the same statement
# may well succeed a moment later.
_PASSING_STATES: Final = ("08", "53", "57P", "57014", "40001", "40P01", "55P03")


class ConstraintBroken(Exception):
    """The database refused a row. A verb that expects it turns it into words; anywhere else it is a bug."""

    def __init__(self, constraint: str, sqlstate: str) -> None:
        super().__init__(f"{constraint} ({sqlstate})")
        self.constraint = constraint
        self.sqlstate = sqlstate


class DatabaseFault(Exception):
    """A statement that could never have worked: a bug. Carries the SQLSTATE and nothing else."""


class Database:
    """Connections for one role: half of them for transactions, half for verbs that are one statement."""

    def __init__(self, url: str, *, pool_size_max: int, application: str) -> None:
        limits = {
            "application_name": application,
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS),
            "timezone": "UTC",
        }
        self._engine: AsyncEngine = create_async_engine(
            url,
            pool_size=max(pool_size_max // 2, 1),
            max_overflow=0,
            pool_timeout=POOL_WAIT_S,
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={"timeout": CONNECT_TIMEOUT_S, "server_settings": limits},
        )
        _, where = self._engine.dialect.create_connect_args(self._engine.url)
        connect = partial(asyncpg.connect, **where, timeout=CONNECT_TIMEOUT_S, server_settings=limits)
        self._direct = DirectPool(connect, size_max=max(pool_size_max - pool_size_max // 2, 1), wait_s=POOL_WAIT_S)

        # A restarted server leaves a pool of dead connections. The driver knows which: better one look at every
        # checkout than one failed request for each of them, or a round trip to ask.
        @event.listens_for(self._engine.sync_engine, "checkout")
        def _refuse_the_dead(connection: Any, _record: Any, _proxy: Any) -> None:
            if connection.driver_connection.is_closed():
                raise exc.DisconnectionError("the server closed this connection")

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Tx]:
        """Begin, and commit on leaving; an exception rolls back. Never nested, never open across the network."""
        try:
            async with self._engine.begin() as tx:
                yield tx
        except _DRIVER_ERRORS as error:
            raise translated(error) from None

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Tx]:
        """A read-only look at one instant, for pages made of several reads."""
        try:
            async with self._engine.connect() as connection:
                tx = await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True, postgresql_deferrable=False
                )
                async with tx.begin():
                    yield tx
        except _DRIVER_ERRORS as error:
            raise translated(error) from None

    @asynccontextmanager
    async def direct(self) -> AsyncGenerator[Pg]:
        """The driver's own connection, without a transaction: for a verb that is one statement.

        On the order's path SQLAlchemy's compiler and result layers would cost more than everything else together
        (docs/decisions/0002-one-statement.md), and its pool a third of what is left.
        """
        try:
            connection = await self._direct.take()
            try:
                yield connection
            finally:
                self._direct.give(connection)
        except _DRIVER_ERRORS as error:
            raise translated(error) from None

    async def close(self) -> None:
        await self._direct.close()
        await self._engine.dispose()


_DRIVER_ERRORS: Final = (
    exc.SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
# The last is how the driver says that a dying server has already taken its leave of this connection.
_NOBODY_THERE: Final = (OSError, TimeoutError, exc.TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def translated(error: BaseException) -> Exception:
    """What a driver's error means to us, without what it says."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, asyncpg.PostgresError):
            return _translated_state(cause)
        if isinstance(cause, _NOBODY_THERE):
            return Unavailable("The shop's database did not answer. Try again in a moment.")
        cause = cause.__cause__ or (cause.orig if isinstance(cause, exc.DBAPIError) else None)
    if _connection_lost(error):
        return Unavailable("The shop's database did not answer. Try again in a moment.")
    return DatabaseFault(type(error).__name__)


def _connection_lost(error: BaseException) -> bool:
    """How SQLAlchemy says that the connection under a transaction is gone."""
    if isinstance(error, exc.DBAPIError):
        return error.connection_invalidated
    if isinstance(error, exc.DisconnectionError | exc.PendingRollbackError):
        return True
    return isinstance(error, exc.InvalidRequestError) and "connection" in str(error).lower()


def _translated_state(error: asyncpg.PostgresError) -> Exception:
    state = str(getattr(error, "sqlstate", None) or "")
    if state.startswith("23"):
        return ConstraintBroken(str(getattr(error, "constraint_name", None) or "unnamed"), state)
    if state.startswith(_PASSING_STATES):
        return Unavailable("The shop's database did not answer. Try again in a moment.")
    return DatabaseFault(f"SQLSTATE {state}")
