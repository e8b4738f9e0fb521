"""Who holds audits by the plan, or late; and what becomes of findings: mended, closed, sent back, forgotten (C8)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.audits import reads
from kalecart.audits.change_plan import Asked, change_plan
from kalecart.audits.finding import Severity, State
from kalecart.audits.follow_up import close, mend, send_back
from kalecart.audits.hold import Found, hold_audit
from kalecart.audits.plan import Plan, Standing
from kalecart.ids import StaffId
from simulation.office import Office
from simulation.people import some_time
from simulation.reviewers import may_act
from simulation.scene import Scene

ON_TIME_TOO, SEVERE, FORGOTTEN, DOES_NOT_HOLD, BY_THE_SAME = 0.25, 0.4, 0.2, 0.15, 0.3
FOUND: Final = (("C8", "A cabinet stood open."), ("C9", "A wording was not read."), ("C13", "A day was not noted."))


@dataclass
class Auditors:
    """`states` has how far each finding is, as far as those who work on it know."""

    scene: Scene
    office: Office
    every_days: float = 14
    states: dict[UUID, State] = field(default_factory=dict)
    held: int = 0

    def plan_day(self) -> None:
        if self.scene.happens("audit", every_days=self.every_days):
            self.scene.plan_today((9, 16), "looked at the plan of audits", self._holds)
        if self.scene.happens("audit plan", every_days=self.every_days * 8):
            self.scene.plan_today((9, 16), "changed the plan of audits", self._changes_plan)

    async def _plans(self) -> Sequence[Plan]:
        async with self.scene.shop.web.db.snapshot() as tx:
            return [plan for plan in await reads.plans(tx) if plan.key is not None]

    async def _holds(self) -> None:
        """What is due soon or late, and now and then something that is not."""
        scene, chance = self.scene, self.scene.chance("audits")
        plans = sorted(await self._plans(), key=lambda plan: (plan.due_on, plan.key or ""))
        due = [plan for plan in plans if plan.standing(scene.now) is not Standing.ON_TIME]
        if not due and chance.random() >= ON_TIME_TOO:
            return
        plan = due[0] if due else chance.choice(plans)
        by = await may_act(scene, self.office, "audits:hold")
        found = [self._found() for _ in range(chance.randrange(3))]
        held_on = scene.today - timedelta(days=chance.randrange(4))
        given = scene.shop.web_given("db", "clock")
        audit_id = await hold_audit(plan.id, held_on, "We looked at it all.", found, by=by, **given)
        self.held += 1
        async with scene.shop.web.db.snapshot() as tx:
            rows = await tx.execute(sa.text(_OF_AUDIT), {"audit": audit_id})
            for finding_id in rows.scalars():
                self.states[finding_id] = State.OPEN
                self._goes_on(finding_id)

    def _found(self) -> Found:
        chance = self.scene.chance("findings")
        clause, words = chance.choice(FOUND)
        severity = Severity.SEVERE if chance.random() < SEVERE else Severity.MINOR
        by_day = self.scene.today + severity.within * chance.uniform(0.3, 1)
        return Found(clause=clause, severity=severity, words=words, follow_up_by=by_day)

    def _goes_on(self, finding_id: UUID) -> None:
        chance = self.scene.chance("follow-ups")
        if chance.random() >= FORGOTTEN:
            when = self.scene.now + some_time(chance, 2, 45)
            self.scene.plan(when, "mended what was found", partial(self._mends, finding_id))

    async def _mends(self, finding_id: UUID) -> None:
        chance, by = self.scene.chance("mends"), await may_act(self.scene, self.office, "audits:hold")
        await mend(finding_id, "It is as it should be.", by=by, **self.scene.shop.web_given("db", "clock"))
        self.states[finding_id] = State.MENDED
        when = self.scene.now + some_time(chance, 1, 25)
        if chance.random() < DOES_NOT_HOLD:
            self.scene.plan(when, "sent a finding back", partial(self._sends_back, finding_id))
        else:
            closes = partial(self._closes, finding_id, by.id, himself=chance.random() < BY_THE_SAME)
            self.scene.plan(when, "closed a finding", closes)

    async def _closes(self, finding_id: UUID, mended_by: StaffId, *, himself: bool) -> None:
        """Who mended what is severe is told that somebody else closes it, and somebody else does, later."""
        if himself:
            when = self.scene.now + some_time(self.scene.chance("closes"), 0.1, 3)
            another = partial(self._closes, finding_id, mended_by, himself=False)
            self.scene.plan(when, "closed a finding", another)
        but = None if himself else mended_by
        by = await may_act(self.scene, self.office, "audits:hold", but=but)
        await close(finding_id, by=by, **self.scene.shop.web_given("db", "clock"))
        self.states[finding_id] = State.CLOSED

    async def _sends_back(self, finding_id: UUID) -> None:
        by = await may_act(self.scene, self.office, "audits:hold")
        await send_back(finding_id, by=by, **self.scene.shop.web_given("db", "clock"))
        self.states[finding_id] = State.OPEN
        self._goes_on(finding_id)

    async def _changes_plan(self) -> None:
        """More often or less."""
        chance = self.scene.chance("audit plans")
        plan = chance.choice(sorted(await self._plans(), key=lambda each: each.key or ""))
        asked = Asked(title=plan.title, clauses=plan.clauses, months=chance.randrange(1, 9))
        manager = await self.office.manager()
        await change_plan(plan.id, asked, by=manager, **self.scene.shop.web_given("db", "clock"))


_OF_AUDIT: Final = "SELECT id FROM audit_finding WHERE audit_id = :audit ORDER BY clause, severity, follow_up_by, id"
