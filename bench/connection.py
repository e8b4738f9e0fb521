"""As little HTTP/1.1 as a measurement needs.

The generator shares the machine with what it measures: every microsecond it takes for a request is missing on the other
side. A client for everything costs more than the shop's cheapest answers; this one sends bytes that are ready and finds
the end of an answer.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

HEAD_END: Final = b"\r\n\r\n"
NO_BODY: Final = frozenset({204, 304})


class Broken(Exception):
    """The connection ended, or what came is no HTTP that we read."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: bytes
    body: bytes

    def cookie(self, name: str) -> str | None:
        """The value of a cookie that is set by this answer."""
        begin = self.head.find(f"Set-Cookie: {name}=".encode())
        if begin < 0:
            return None
        value = self.head[begin:].partition(b"=")[2]
        return value.partition(b"\r\n")[0].partition(b";")[0].decode()


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A request as bytes, to be sent as often as wanted."""
    sized = {"Content-Length": str(len(body))} if body or method != "GET" else {}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**headers, **sized}.items())]
    return "\r\n".join(lines).encode() + HEAD_END + body


class Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request on its way."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._seen = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> "Connection":
        _, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, sent: bytes) -> Answer:
        """Send a request and wait for its whole answer. Raises Broken."""
        if self._transport is None or self._transport.is_closing():
            raise Broken("closed")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(sent)
        try:
            return await self._waiting
        except asyncio.CancelledError:
            self.close()  # whatever still comes is the answer to somebody else's question
            raise

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._seen += data
        try:
            answer = parse(self._seen)
        except ValueError as unreadable:
            self._end(Broken(str(unreadable)))
            self.close()
            return
        if answer is not None:
            self._seen.clear()
            self._end(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(Broken(type(exc).__name__ if exc else "closed by the server"))

    def _end(self, result: Answer | Broken) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None or waiting.done():
            return
        if isinstance(result, Answer):
            waiting.set_result(result)
        else:
            waiting.set_exception(result)


def parse(seen: bytearray) -> Answer | None:
    """The answer, once all of it is there. Raises ValueError for what is no answer."""
    end = seen.find(HEAD_END)
    if end < 0:
        return None
    head, body = bytes(seen[: end + 2]), end + len(HEAD_END)
    status = int(head[9:12])
    if status in NO_BODY:
        return Answer(status, head, b"")
    length = _header(head, b"\r\ncontent-length:")
    if length is not None:
        whole = body + int(length)
        return Answer(status, head, bytes(seen[body:whole])) if len(seen) >= whole else None
    if _header(head, b"\r\ntransfer-encoding:") == b"chunked":
        content = _chunks(seen, body)
        return None if content is None else Answer(status, head, content)
    raise ValueError("an answer without a length")


def _header(head: bytes, name: bytes) -> bytes | None:
    begin = head.lower().find(name)
    if begin < 0:
        return None
    begin += len(name)
    return head[begin : head.index(b"\r\n", begin)].strip()


def _chunks(seen: bytearray, at: int) -> bytes | None:
    content = bytearray()
    while (line := seen.find(b"\r\n", at)) >= 0:
        size = int(seen[at:line].partition(b";")[0], 16)
        begin, at = line + 2, line + 2 + size + 2
        if len(seen) < at:
            return None
        if size == 0:
            return bytes(content)
        content += seen[begin : begin + size]
    return None
