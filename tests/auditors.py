"""An office with a manager, an administrator who acts for him, and a picker: who reviews and audits whom."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from kalecart.audits import reads
from kalecart.audits.decide import Asked, decide
from kalecart.audits.finding import Finding
from kalecart.audits.plan import Plan
from kalecart.audits.review import Line, Review
from kalecart.audits.watch import watch_audits
from kalecart.controls import last_runs
from kalecart.database import Database
from kalecart.staff.designation import Scope, granted
from kalecart.staff.member import StaffMember
from kalecart.tasks import alert, task
from tests.people import Door


class Office:
    def __init__(
        self, door: Door, web: Database, privacy: Database, manager: StaffMember, perry: StaffMember, otto: StaffMember
    ) -> None:
        self.door, self.db, self.clock = door, door.db, door.clock
        self.web, self.privacy = web, privacy
        self.manager, self.otto = manager, otto
        self.perry = replace(perry, granted=granted(perry.role, list(Scope)))

    @property
    def verbs(self) -> dict[str, Any]:
        return {"db": self.web, "clock": self.clock}

    async def watches(self, minutes: int = 1) -> int:
        self.clock.advance(minutes=minutes)
        return await watch_audits(None, db=self.privacy, clock=self.clock)

    async def reviews(self) -> Sequence[Review]:
        async with self.web.snapshot() as tx:
            return await reads.reviews(tx, now=self.clock.now())

    async def lines(self) -> dict[tuple[Any, str], Line]:
        """Of the latest review, by whom and what."""
        async with self.web.snapshot() as tx:
            now = self.clock.now()
            found = await reads.lines(tx, (await reads.reviews(tx, now=now))[0].id, now=now)
        return {(each.staff_id, each.what): each for each in found}

    async def decides(self, by: StaffMember, whom: StaffMember, what: str, outcome: str = "kept", **but: str) -> None:
        line = (await self.lines())[whom.id, what]
        await decide(line.id, Asked(outcome=outcome, **but), by=by, **self.verbs)

    async def plans(self) -> dict[str | None, Plan]:
        async with self.web.snapshot() as tx:
            return {each.key: each for each in await reads.plans(tx)}

    async def findings(self, *, closed: bool = False) -> Sequence[Finding]:
        async with self.web.snapshot() as tx:
            return await reads.findings(tx, closed=closed)

    async def red(self) -> set[str]:
        """The controls whose last run found something."""
        async with self.db.snapshot() as tx:
            return {name for name, run in (await last_runs(tx)).items() if not run.passed}

    async def alerts(self) -> set[tuple[str, str]]:
        async with self.db.snapshot() as tx:
            rows = await tx.execute(sa.select(alert.c.kind, alert.c.subject).where(alert.c.resolved_at.is_(None)))
            return {tuple(row) for row in rows}

    async def letters(self, whom: StaffMember) -> list[list[str]]:
        """What somebody was told, in order: the kind of thing and how near its day is."""
        async with self.db.snapshot() as tx:
            rows = await tx.scalars(sa.select(task.c.arguments).where(task.c.topic == "send_mail").order_by(task.c.id))
            mine = [row["occasion"] for row in rows if (row["kind"], row["subject"]) == ("audit_due", str(whom.id))]
        return [[(parts := each.split(":"))[0], parts[-1]] for each in mine]
