"""The office as tests have it: cabinets, papers, and who works with them."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from kalecart.controls import last_runs
from kalecart.database import Database
from kalecart.paper import reads
from kalecart.paper.cabinet import Named
from kalecart.paper.file import Filed, file
from kalecart.paper.item import CabinetId, Paper
from kalecart.paper.keep_cabinet import add_cabinet
from kalecart.paper.shred import shred
from kalecart.paper.watch import watch_paper
from kalecart.staff.member import StaffMember
from kalecart.tasks import alert, task
from tests.people import Door


class Office:
    """Who works with paper: each act over the log-in of the process that does it."""

    def __init__(self, door: Door, web: Database, privacy: Database, manager: StaffMember, perry: StaffMember) -> None:
        self.door, self.web, self.privacy, self.manager, self.perry = door, web, privacy, manager, perry
        self.cabinet = CabinetId(manager.id)

    async def furnish(self, name: str = "Office 1", *, holder: StaffMember | None = None) -> CabinetId:
        named, whom = Named(name=name, place="By the door"), (holder or self.perry).id
        return await add_cabinet(named, whom, by=self.manager, db=self.web, clock=self.door.clock)

    async def files(self, what: str = "delivery", *, by: StaffMember | None = None, **but: Any) -> Paper:
        asked = Filed(**({"what": what, "cabinet_id": self.cabinet} | but))
        return await file(asked, by=by or self.perry, db=self.web, vault=self.door.vault, clock=self.door.clock)

    async def shreds(self, paper: Paper, **but: Any) -> None:
        given = {"witness": self.manager.id, "by": self.perry, "db": self.web, "clock": self.door.clock}
        await shred(paper.id, **(given | but))

    async def watches(self) -> None:
        """A second later, so that what it finds has an order."""
        self.door.clock.advance(seconds=1)
        await watch_paper(None, db=self.privacy, clock=self.door.clock)

    async def found(self, paper: Paper) -> Paper:
        async with self.door.db.snapshot() as tx:
            return await reads.find(tx, paper.id)

    async def waits_for(self, paper: Paper, *, more: timedelta = timedelta()) -> None:
        left = paper.keep_until - self.door.clock.now() + more
        self.door.clock.advance(seconds=left.total_seconds())


async def open_alerts(db: Database) -> list[tuple[str, str]]:
    async with db.snapshot() as tx:
        still = sa.select(alert.c.kind, alert.c.subject).where(alert.c.resolved_at.is_(None))
        return [tuple(row) for row in await tx.execute(still)]


async def letters(db: Database) -> list[str]:
    async with db.snapshot() as tx:
        rows = await tx.scalars(sa.select(task.c.arguments).where(task.c.topic == "send_mail").order_by(task.c.id))
        return [row["occasion"] for row in rows if row["kind"] == "paper_overdue"]


async def passed(db: Database) -> bool:
    async with db.snapshot() as tx:
        return (await last_runs(tx))["paper"].passed
