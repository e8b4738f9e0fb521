"""A mail server on this machine that takes letters, and misbehaves at the step it is told to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

HANG_UP = "hang up"


@dataclass
class PostOffice:
    """`answers` maps a command (`RCPT`, or `.` for the end of the text) to what is said instead of yes."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    # Cleared, no answer to the end of a text is given until it is set.
    open: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await self._say(writer, "CONNECT", "220 here"):
                while line := await reader.readline():
                    if not await self._obey(line.decode().strip(), reader, writer):
                        break
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _obey(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        command = line[:4].upper()
        if command == "DATA":
            if not await self._say(writer, "DATA", "354 go on"):
                return False
            if "DATA" in self.answers:
                return True
            text = await reader.readuntil(b"\r\n.\r\n")
            self.arrived.set()
            await self.open.wait()
            if "." not in self.answers or self.answers["."] == HANG_UP:
                self._keep(text)
            return await self._say(writer, ".", "250 kept")
        if command in {"MAIL", "RCPT"}:
            self.envelopes.append((command, line.partition(":")[2]))
        return await self._say(writer, command, "250 yes") and command != "QUIT"

    def _keep(self, text: bytes) -> None:
        letter = message_from_bytes(text.removesuffix(b".\r\n"), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)

    async def _say(self, writer: asyncio.StreamWriter, step: str, usual: str) -> bool:
        said = self.answers.get(step, usual)
        if said == HANG_UP:
            return False
        writer.write(f"{said}\r\n".encode())
        await writer.drain()
        return True


@asynccontextmanager
async def running_post_office() -> AsyncGenerator[PostOffice]:
    office = PostOffice()
    office.open.set()
    server = await asyncio.start_server(office.serve, "127.0.0.1", 0)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        office.open.set()
        server.close()
        await server.wait_closed()
