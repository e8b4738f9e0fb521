import os
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest_asyncio
import sqlalchemy as sa

from kalecart import tasks
from kalecart.complaints.complaint import Complaint
from kalecart.complaints.store import FIELDS, complaint_of
from kalecart.database import Database
from kalecart.inbound.folder import FolderMailbox
from kalecart.inbound.mailbox import Mailbox
from kalecart.inbound.read_mail import Addresses, read_mail
from kalecart.inbound.tables import inbound_message
from kalecart.jobs import SendMail
from kalecart.mail.send import send_mail
from kalecart.mail.smtp import SmtpPostman
from kalecart.tasks import alert, task
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.inbound_letters import COMPLAINTS, SENDER
from tests.people import Door, a_door
from tests.post_office import PostOffice, running_post_office

OURS = Addresses(sender=SENDER, complaints=COMPLAINTS)


class Counter:
    """A mailbox, the process that reads it with no more rights than it has, and another one that sends letters."""

    def __init__(self, door: Door, reader: Database, sender: Database, office: PostOffice, path: Path) -> None:
        self.door, self.reader, self.sender, self.office, self.path = door, reader, sender, office, path
        self.mailbox: Mailbox | None = FolderMailbox(path)

    def drops(self, content: bytes, name: str = "1", *, at: datetime | None = None) -> None:
        """Into the mailbox, at an instant of the shop's clock."""
        moment = (at or self.door.clock.now()).timestamp()
        place = self.path / f"{name}.eml"
        place.write_bytes(content)
        os.utime(place, (moment, moment))

    async def reads(self) -> int:
        door = self.door
        return await read_mail(None, self.mailbox, ours=OURS, db=self.reader, vault=door.vault, clock=door.clock)

    async def gets(self, content: bytes, name: str = "1") -> None:
        self.drops(content, name)
        await self.reads()

    async def sends_all(self) -> None:
        """Every letter that was promised."""
        async with self.door.db.snapshot() as tx:
            due = sa.select(task.c.id).where(task.c.topic == "send_mail", task.c.state == "pending")
            waiting = (await tx.scalars(due.order_by(task.c.promised_at))).all()
        postman = SmtpPostman(self.office.url, sender=f"KaleCart <{SENDER}>")
        given = {"vault": self.door.vault, "clock": self.door.clock, "postman": postman}
        for each in waiting:
            async with self.sender.direct() as pg:
                held = await tasks.claim(pg, each, now=self.door.clock.now())
            if held is not None:
                job = SendMail.parse(held.arguments)
                await send_mail(job, held, db=self.sender, public_url="https://shop.example", **given)

    async def cases(self) -> list[Complaint]:
        async with self.door.db.snapshot() as tx:
            rows = await tx.execute(sa.select(*FIELDS).order_by(sa.column("id")))
            return [complaint_of(row) for row in rows.mappings()]

    async def alerts(self) -> set[str]:
        async with self.door.db.snapshot() as tx:
            return set((await tx.execute(sa.select(alert.c.kind).where(alert.c.resolved_at.is_(None)))).scalars())

    async def outcomes(self) -> list[str]:
        async with self.door.db.snapshot() as tx:
            return list(await tx.scalars(sa.select(inbound_message.c.outcome).order_by(inbound_message.c.id)))

    def left(self) -> list[str]:
        """What is still in the mailbox, and what was set aside."""
        return sorted(path.relative_to(self.path).as_posix() for path in self.path.rglob("*.eml"))


@pytest_asyncio.fixture
async def counter(
    db: Database, as_privacy: Database, as_worker: Database, vault: Vault, clock: FakeClock, tmp_path: Path
) -> AsyncIterator[Counter]:
    door = await a_door(db, vault, clock)
    async with running_post_office() as office:
        yield Counter(door, as_privacy, as_worker, office, tmp_path)
    with suppress(RuntimeError):
        await door.allowances.close()
