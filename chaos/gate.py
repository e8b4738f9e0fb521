"""A TCP relay in front of a server, whose line can be made slow, deaf, frozen or cut while it is in use."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from local.ports import HOST

CHUNK_BYTES: Final = 65_536


class Line(StrEnum):
    """What the line does to what is sent over it."""

    OPEN = "open"
    SLOW = "slow"  # every chunk waits `delay_s`, in both directions
    DEAF = "deaf"  # what is asked arrives, answers do not: the effect is there and nobody learns of it
    FROZEN = "frozen"  # nothing arrives, nothing ends
    SHUT = "shut"  # connections are refused


@dataclass(eq=False)
class Gate:
    """Listens on `port` while the block lasts; `behind` is the server's own port, known at the latest at first use."""

    behind: int = 0
    port: int = 0
    line: Line = Line.OPEN
    delay_s: float = 0.0
    _flows: asyncio.Event = field(default_factory=asyncio.Event)
    _answers: asyncio.Event = field(default_factory=asyncio.Event)
    _relays: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self.set(Line.OPEN)
        self._server = await asyncio.start_server(self._accept, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._relays, return_exceptions=True)

    def set(self, line: Line, *, delay_s: float = 0.0) -> None:
        """From now on, also for connections that are open."""
        self.line, self.delay_s = line, delay_s
        for event, held in ((self._flows, {Line.FROZEN}), (self._answers, {Line.FROZEN, Line.DEAF})):
            event.clear() if line in held else event.set()

    def cut(self) -> None:
        """End every open connection at once; new ones are as the line is."""
        for relay in self._relays:
            relay.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = asyncio.create_task(self._relay(reader, writer))
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            if self.line is Line.SHUT:
                return
            await self._flows.wait()
            there, back = await asyncio.open_connection(HOST, self.behind)
            writers.append(back)
            pumps = [self._pump(reader, back, self._flows), self._pump(there, writer, self._answers)]
            tasks = [asyncio.create_task(pump) for pump in pumps]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        except OSError:
            return  # nobody behind: the caller's connection ends, as it would have
        finally:
            for each in writers:
                each.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, passes: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while chunk := await source.read(CHUNK_BYTES):
                await passes.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                sink.write(chunk)
                await sink.drain()
            # The last words are passed on before the line ends.
            await sink.drain()
            if sink.can_write_eof():
                sink.write_eof()
                await asyncio.sleep(0.05)
