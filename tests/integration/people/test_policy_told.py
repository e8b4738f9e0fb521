"""Every customer and employee is told of a version, once, and what they say about it is kept (C9)."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from kalecart.controls import last_runs
from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.ids import StaffId
from kalecart.jobs import SendMail
from kalecart.mail.compose import compose
from kalecart.mail.store import begin
from kalecart.openness import store, tell
from kalecart.openness.acknowledge import acknowledge_as_customer, acknowledge_as_staff
from kalecart.openness.reads import gaps, missing, told, unread_by
from kalecart.policy.store import add
from kalecart.policy.tables import policy_delivery, policy_version
from kalecart.policy.versions import PolicyVersion, packaged
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.tasks import Held, task
from kalecart.tombstones import shred
from kalecart.vault import Vault
from tests.builders import a_customer
from tests.clock import FakeClock
from tests.people import Door

NEWER = PolicyVersion(version="2026-12-24", effective_on=date(2026, 12, 24), text=packaged()[0].text + "\nMore.\n")


@pytest.fixture
def web(as_web: Database) -> Database:
    return as_web


@pytest.fixture
def publish(db: Database, clock: FakeClock):
    async def one(version: PolicyVersion = NEWER) -> None:
        clock.advance(seconds=1)
        async with db.transaction() as tx:
            await add(tx, version, now=clock.now())
        clock.advance(seconds=1)

    return one


async def _employee(door: Door, email: str = "sam@example.com") -> StaffId:
    asked = NewStaff(name="Sam Staff", email=email, password="nine slow pumpkins", role=Role.ORDERS)
    return await add_staff(asked, db=door.db, vault=door.vault, clock=door.clock)


async def _rows(db: Database) -> set[tuple]:
    async with db.snapshot() as tx:
        rows = await tx.execute(sa.select(policy_delivery.c.person_kind, policy_delivery.c.version))
        return {tuple(row) for row in rows}


async def test_publishing_a_version_tells_every_customer_and_employee_once(
    door: Door, as_worker: Database, publish, vault: Vault
) -> None:
    customer, employee = await a_customer(door.db, vault, now=door.clock.now()), await _employee(door)
    await publish()
    late = await a_customer(door.db, vault, now=door.clock.now())

    first = await tell.tell_policy(None, db=as_worker, clock=door.clock)
    again = await tell.tell_policy(None, db=as_worker, clock=door.clock)

    assert (first, again) == (4, 0)
    assert await _rows(door.db) == {
        ("customer", "2026-12-24"), ("staff", "2026-12-24"), ("staff", "2026-11-01"), ("staff", "2026-12-01")
    }  # fmt: skip
    async with door.db.snapshot() as tx:
        letters = await tx.execute(sa.select(task.c.arguments).where(task.c.topic == "send_mail"))
        subjects = [(row["subject"], row["occasion"]) for row in letters.scalars()]
        assert (await last_runs(tx))["policy_told"].passed
        assert await missing(tx) == 0
    assert sorted(subjects) == sorted(
        [(str(customer), "2026-12-24")]
        + [(str(employee), version) for version in ("2026-11-01", "2026-12-01", "2026-12-24")]
    )
    assert str(late) not in dict(subjects)


async def test_a_run_that_was_killed_half_way_is_finished_by_the_next(
    door: Door, as_worker: Database, publish, vault: Vault
) -> None:
    people = sorted([await a_customer(door.db, vault, now=door.clock.now()) for _ in range(5)])
    await publish()
    async with as_worker.transaction() as tx:
        await store.add_customers(tx, "2026-12-24", after=tell.NOBODY, most=2, now=door.clock.now())

    assert await tell.tell_policy(None, db=as_worker, clock=door.clock) == 3
    async with door.db.snapshot() as tx:
        assert sorted(await tx.scalars(sa.select(policy_delivery.c.person_id))) == people
        assert await tx.scalar(sa.select(policy_version.c.told_at).where(policy_version.c.version == "2026-12-24"))


async def test_who_was_erased_is_told_nothing(door: Door, as_worker: Database, publish, vault: Vault) -> None:
    gone = await a_customer(door.db, vault, now=door.clock.now())
    await publish()
    async with door.db.transaction() as tx:
        await shred(tx, gone, now=door.clock.now())

    assert await tell.tell_policy(None, db=as_worker, clock=door.clock) == 0
    async with door.db.snapshot() as tx:
        assert await missing(tx) == 0


async def test_an_employee_on_leave_is_on_the_gap_list_and_access_pauses_at_the_due_date(
    door: Door, as_worker: Database, web: Database
) -> None:
    """E88."""
    employee = await _employee(door)
    await tell.tell_policy(None, db=as_worker, clock=door.clock)
    due = door.clock.now() + tell.STAFF_READ_WITHIN
    async with web.transaction() as tx:
        assert [(gap.staff_id, gap.read_by, gap.paused) for gap in await gaps(tx, now=door.clock.now(), most=9)] == [
            (employee, due, False)
        ] * 2
        assert [gap.paused for gap in await gaps(tx, now=due + timedelta(seconds=1), most=9)] == [True] * 2

    await acknowledge_as_staff(employee, "2026-12-01", db=web, clock=door.clock)

    async with web.transaction() as tx:
        assert await gaps(tx, now=due + timedelta(days=1), most=9) == []
        assert [(line.kind, line.people, line.acknowledged) for line in await told(tx)] == [("staff", 1, 1)] * 2
        read = sa.text("SELECT act, subject FROM audit_entry WHERE actor_id = :id ORDER BY subject")
        lines = await tx.execute(read, {"id": employee})
        assert [tuple(line) for line in lines] == [("policy_acknowledged", f"2026-{day}") for day in ("11-01", "12-01")]


async def test_reading_the_newest_version_is_reading_what_it_replaces(
    door: Door, as_worker: Database, publish, vault: Vault
) -> None:
    customer = await a_customer(door.db, vault, now=door.clock.now())
    await publish()
    await publish(PolicyVersion(version="2026-12-30", effective_on=date(2026, 12, 30), text="Newest."))
    await tell.tell_policy(None, db=as_worker, clock=door.clock)
    async with door.db.direct() as pg:
        assert await unread_by(pg, customer) == "2026-12-30"

    await acknowledge_as_customer(customer, "2026-12-30", db=door.db, clock=door.clock)

    async with door.db.direct() as pg:
        assert await unread_by(pg, customer) is None
    with pytest.raises(NotFound):
        await acknowledge_as_customer(customer, "1999-01-01", db=door.db, clock=door.clock)


async def test_the_letter_says_what_changes_and_asks_staff_to_say_that_they_read_it(
    door: Door, as_worker: Database, publish, vault: Vault
) -> None:
    await a_customer(door.db, vault, now=door.clock.now())
    await _employee(door)
    await publish()
    await tell.tell_policy(None, db=as_worker, clock=door.clock)
    texts = []
    async with door.db.snapshot() as tx:
        promised = (await tx.execute(sa.select(task).where(task.c.key.contains("2026-12-24")))).all()
    for row in promised:
        held = Held(row.id, row.topic, row.arguments, 1, row.id)
        async with door.db.direct() as pg:
            message = await begin(pg, SendMail.parse(row.arguments), held)
        assert message is not None
        async with door.db.snapshot() as tx:
            letter = await compose(tx, message, vault=vault, public_url="https://shop.test", now=door.clock.now())
        assert letter is not None
        texts.append((message.staff_id is not None, letter.text))

    assert len(texts) == 2
    for works_here, text in texts:
        assert "https://shop.test/policy/changes?to=2026-12-24" in text
        assert "December 24, 2026" in text
        assert ("https://shop.test/staff/policy" in text) == works_here
