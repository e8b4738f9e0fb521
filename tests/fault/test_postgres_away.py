"""PostgreSQL is away for the minute in which a step falls due: it is taken afterwards, once, and the books say both."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from chaos.gate import Gate, Line
from kalecart.complaints.tables import complaint_step
from kalecart.complaints.watch import watch_complaints
from kalecart.database import Database
from kalecart.deadline import day_begins
from kalecart.errors import Unavailable
from kalecart.jobs import WatchComplaints
from kalecart.scheduling import timed_run
from kalecart.staff.rights import Role
from kalecart.tasks import task
from kalecart.vault import Vault
from local.ports import HOST
from scheduler.metronome import metronome, tick
from tests.clock import FakeClock
from tests.complaining import a_member, complains, watches
from tests.people import Door, a_door
from tests.server import Clone

pytestmark = [pytest.mark.fault]

WITHIN_S = 120.0


@pytest_asyncio.fixture
async def door(db: Database, vault: Vault, clock: FakeClock) -> AsyncIterator[Door]:
    door = await a_door(db, vault, clock)
    yield door
    await door.allowances.close()


@pytest_asyncio.fixture
async def gate(clone: Clone) -> AsyncIterator[Gate]:
    """The line to PostgreSQL."""
    async with Gate(behind=make_url(clone.owner_url).port or 5432) as gate:
        yield gate


@pytest_asyncio.fixture
async def over_there(gate: Gate, clone: Clone) -> AsyncIterator[Database]:
    """The shop's database behind the gate."""
    url = make_url(clone.url()).set(host=HOST, port=gate.port).render_as_string(hide_password=False)
    database = Database(url, pool_size_max=4, application="test")
    yield database
    await database.close()


async def until(event: asyncio.Event) -> None:
    event.clear()
    await asyncio.wait_for(event.wait(), WITHIN_S)


async def test_a_step_that_falls_due_while_postgresql_is_away_is_taken_once_afterwards_with_when_it_was_due(
    door: Door, gate: Gate, over_there: Database
) -> None:
    await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint
    due_at = day_begins(case.due_at, 15)
    door.clock.advance(seconds=(due_at - timedelta(minutes=1) - door.clock.now()).total_seconds())
    await watches(door)
    ticked, missed, gave_up = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def act() -> None:
        try:
            await tick(db=over_there, clock=door.clock, name="scheduler:host:1")
        except Unavailable:
            missed.set()
            raise
        ticked.set()

    scheduler = metronome(act, gave_up.set)
    scheduler.start()
    for job in scheduler.get_jobs():
        job.reschedule("interval", seconds=0.2)
    await until(ticked)

    gate.set(Line.SHUT)
    gate.cut()
    await until(missed)
    door.clock.advance(minutes=2)
    await until(missed)
    with pytest.raises(Unavailable):
        await watch_complaints(None, db=over_there, clock=door.clock)
    gate.set(Line.OPEN)
    await until(ticked)
    await until(ticked)
    looked = [await watch_complaints(None, db=over_there, clock=door.clock) for _ in range(2)]
    scheduler.shutdown(wait=False)

    assert not gave_up.is_set()
    assert looked == [1, 0]
    async with door.db.snapshot() as tx:
        steps = (await tx.execute(sa.select(complaint_step).where(complaint_step.c.step == "day_15"))).all()
        slot = f"{due_at + timedelta(minutes=1):%Y-%m-%dT%H:%MZ}"
        mine = (timed_run.c.job == "watch_complaints") & (timed_run.c.slot == slot)
        runs = await tx.scalar(sa.select(sa.func.count()).select_from(timed_run).where(mine))
        asked = sa.select(sa.func.count()).where(task.c.key == WatchComplaints(slot=slot).key)
        promised = await tx.scalar(asked)
    assert [(step.due_at, step.happened_at) for step in steps] == [(due_at, due_at + timedelta(minutes=1))]
    assert (runs, promised) == (1, 1)
