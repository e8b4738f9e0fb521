"""A mailbox on this machine, spoken to by as much IMAP as it takes to read and remove messages."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "complaints", "three quiet radishes"
STAMP = "02-Nov-2026 10:00:00 -0800"


@dataclass
class LetterBox:
    """`messages` by their unique number; `silent` at a command is a server that hangs up there."""

    port: int = 0
    uidplus: bool = True
    silent: str = ""
    messages: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"imap://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/INBOX"

    def put(self, *contents: bytes) -> None:
        self.messages |= dict(enumerate(contents, start=len(self.messages) + 1))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK here\r\n")
        while line := await reader.readline():
            tag, command = line.decode().strip().split(" ", 1)
            if self.silent and self.silent in command:
                break
            self.commands.append(command)
            for answer in self._answers(command):
                writer.write(answer + b"\r\n")
            refused = command.startswith("LOGIN") and PASSWORD not in command
            writer.write(f"{tag} {'NO' if refused else 'OK'} done\r\n".encode())
            await writer.drain()
            if command == "LOGOUT":
                break
        writer.close()

    def _answers(self, command: str) -> list[bytes]:
        if command == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1" + (b" UIDPLUS" if self.uidplus else b"")]
        if command.startswith("SELECT"):
            return [f"* {len(self.messages)} EXISTS".encode()]
        if command.startswith("UID SEARCH"):
            hidden = {number for number, flags in self.flags.items() if flags & {r"\Flagged", r"\Deleted"}}
            return [("* SEARCH " + " ".join(str(number) for number in sorted(set(self.messages) - hidden))).encode()]
        if command.startswith("UID FETCH"):
            return self._fetched(command)
        if command.startswith("UID STORE"):
            self.flags.setdefault(int(command.split()[2]), set()).add(command.rpartition("(")[2].rstrip(")"))
        if command.startswith(("UID EXPUNGE", "EXPUNGE")):
            gone = [number for number, flags in self.flags.items() if r"\Deleted" in flags]
            self.messages = {number: each for number, each in self.messages.items() if number not in gone}
        return []

    def _fetched(self, command: str) -> list[bytes]:
        number = int(command.split()[2])
        content = self.messages.get(number)
        if content is None:
            return []
        if "RFC822.SIZE" in command:
            facts = f'* {number} FETCH (UID {number} RFC822.SIZE {len(content)} INTERNALDATE "{STAMP}")'
            return [facts.encode()]
        if part := re.search(r"<0\.(\d+)>", command):
            content = content[: int(part[1])]
        return [f"* {number} FETCH (UID {number} BODY[] {{{len(content)}}}".encode() + b"\r\n" + content + b")"]


@asynccontextmanager
async def running_letter_box() -> AsyncGenerator[LetterBox]:
    box = LetterBox()
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
