"""Connections of the driver's own, handed from one statement to the next.

A pool that resets, pings, or crosses into another kind of thread at every loan costs as much as a short statement does.
What is borrowed here carries no state between loans, so there is nothing to reset: one statement each, no transaction.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable

import asyncpg

Connection = asyncpg.Connection


class DirectPool:
    """The warmest connection first; who finds none waits their turn. Raises TimeoutError after `wait_s`."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], *, size_max: int, wait_s: float) -> None:
        self._connect = connect
        self._size_max = size_max
        self._wait_s = wait_s
        self._size = 0
        self._free: list[Connection] = []
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()

    async def take(self) -> Connection:
        while True:
            while self._free:
                connection = self._free.pop()
                if not connection.is_closed():  # a restarted server leaves a pool of dead ones
                    return connection
                self._size -= 1
            if self._size < self._size_max:
                return await self._new()
            connection = await self._turn()
            if connection is not None:
                return connection

    def give(self, connection: Connection) -> None:
        """Back, and on to whoever waits."""
        self._pass_on(self._kept(connection))

    async def close(self) -> None:
        """What is still borrowed ends when it is given back."""
        self._size_max = 0
        for connection in self._free:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                await connection.close(timeout=self._wait_s)
        self._free.clear()

    async def _new(self) -> Connection:
        self._size += 1
        try:
            return await self._connect()
        except BaseException:
            self._size -= 1
            self._pass_on(None)  # somebody else may have more luck
            raise

    async def _turn(self) -> Connection | None:
        """A connection, or None where one ended and its place is free."""
        turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_s):
                return await turn
        except BaseException:
            if turn.done() and not turn.cancelled():  # it came at the very moment we gave up
                self._pass_on(turn.result())
            raise

    def _kept(self, connection: Connection) -> Connection | None:
        if not connection.is_closed() and self._size <= self._size_max:
            return connection
        self._size -= 1
        connection.terminate()
        return None

    def _pass_on(self, connection: Connection | None) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is not None:
            self._free.append(connection)
