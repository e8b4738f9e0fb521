"""430 days with 32 outages over the real database: every slot, every step of every complaint, once and in order."""

import random
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest_asyncio
import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.complaints.complaint import Complaint, Standing
from kalecart.complaints.ladder import DEFAULT, reached
from kalecart.complaints.tables import complaint_step
from kalecart.complaints.watch import notice_complaints
from kalecart.database import Database
from kalecart.deadline import DAYS as THIRTY
from kalecart.scheduling import timed_run
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.tasks import task
from kalecart.timetable import TIMETABLE
from kalecart.vault import Vault
from scheduler.metronome import tick
from tests.clock import FakeClock
from tests.complaining import a_member, answers, complains
from tests.outages import DAYS, START, outages
from tests.people import Door, a_door

# Somebody looks on every day of the shop's, also on the one of 23 hours, and at other hours each time.
STEP = timedelta(hours=22, minutes=50)
SCHEDULERS = ("scheduler:a:1", "scheduler:b:2")
# The day each arrives on, and after how many it is answered, if it is.
CASES = ((3, 70), (40, 12), (95, 30), (171, 33), (260, 2), (333, 50), (380, None))


@dataclass
class Year:
    """`looks` are the instants at which a scheduler was awake."""

    door: Door
    manager: StaffMember
    cases: list[Complaint] = field(default_factory=list)
    answered: dict[UUID, datetime] = field(default_factory=dict)
    looks: list[datetime] = field(default_factory=list)

    async def write_and_answer(self, now: datetime) -> None:
        coming = len(self.cases)
        if coming < len(CASES) and now >= START + timedelta(days=CASES[coming][0]):
            self.cases.append((await complains(self.door, email=f"p{coming}@example.org")).complaint)
        for case, (_, after) in zip(self.cases, CASES, strict=False):
            if after and case.id not in self.answered and now >= case.received_at + timedelta(days=after):
                await answers(self.door, case, self.manager, posted_at=now)
                self.answered[case.id] = now

    def expected(self, case: Complaint) -> list[tuple[str, datetime, datetime]]:
        """Each step it came to, when that was due, and when somebody looked next."""
        closed = self.answered.get(case.id)
        looks = [look for look in self.looks if closed is None or look < closed]
        steps = reached(DEFAULT, case.due_at, looks[-1])
        return [(each.name, each.due_at, next(look for look in looks if look >= each.due_at)) for each in steps]


@pytest_asyncio.fixture
async def door(db: Database, vault: Vault) -> AsyncIterator[Door]:
    door = await a_door(db, vault, FakeClock(START))
    yield door
    await door.allowances.close()


def standing(case: Complaint, now: datetime) -> Standing:
    """By the calendar on the wall."""
    if case.answered_at is not None:
        return Standing.ANSWERED
    days = (shop_date(now) - shop_date(case.received_at)).days
    if days > THIRTY:
        return Standing.BREACHED
    return Standing.DUE_TODAY if days == THIRTY else Standing.NEAR if days >= 21 else Standing.ON_TIME


async def test_in_430_days_with_32_outages_each_slot_and_each_step_is_taken_once_in_order_and_no_deadline_is_untrue(
    door: Door,
) -> None:
    """E44. Of the days that nobody saw no slot is run; the steps they held are taken when somebody looks again."""
    chance, away = random.Random(430), outages(430)
    year = Year(door, await a_member(door, Role.MANAGER))
    while (now := door.clock.now()) < START + timedelta(days=DAYS):
        await year.write_and_answer(now)
        for case in year.cases:
            found = replace(case, answered_at=year.answered.get(case.id))
            assert found.standing(now) is standing(found, now)
        if not any(began <= now < ended for began, ended in away):
            for name in chance.sample(SCHEDULERS, k=chance.choice((1, 1, 1, 2))):
                await tick(db=door.db, clock=door.clock, name=name)
            await notice_complaints(db=door.db, clock=door.clock)
            year.looks.append(now)
        door.clock.advance(seconds=STEP.total_seconds())

    async with door.db.snapshot() as tx:
        runs = (await tx.execute(sa.select(timed_run))).all()
        topics = [timed.name for timed in TIMETABLE]
        promised = await tx.scalar(sa.select(sa.func.count()).select_from(task).where(task.c.topic.in_(topics)))
        steps = (await tx.execute(sa.select(complaint_step).order_by(complaint_step.c.due_at))).all()
    taken = defaultdict(list)
    for run in sorted(runs, key=lambda run: run.ran_at):
        taken[run.job].append(run.slot)
    for timed in TIMETABLE:
        assert taken[timed.name] == list(dict.fromkeys(timed.slot_of(look) for look in year.looks)), timed.name
    assert promised == len(runs)
    assert {run.taken_by for run in runs} == set(SCHEDULERS)
    for case in year.cases:
        mine = [(step.step, step.due_at, step.happened_at) for step in steps if step.complaint_id == case.id]
        assert mine == year.expected(case)
    assert len(year.cases) == len(CASES)
