"""Whoever works here is told that their training ends, and a pause is one (C8, C9)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.controls import last_runs
from kalecart.database import Database
from kalecart.grants import WORKER
from kalecart.jobs import SendMail
from kalecart.mail.compose import compose
from kalecart.mail.store import begin
from kalecart.openness.acknowledge import acknowledge_as_staff
from kalecart.openness.tell import STAFF_READ_WITHIN, tell_policy
from kalecart.staff import store
from kalecart.staff.leave import leave
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.staff.train import train
from kalecart.staff.training import GRACE
from kalecart.staff.watch_training import watch_training
from kalecart.tasks import Held, alert, task
from tests.builders import a_customer
from tests.complaining import a_member
from tests.people import Door


@pytest.fixture
def privacy(as_privacy: Database) -> Database:
    """As the worker has it that looks: its own log-in, and no more rights than that."""
    return as_privacy


async def _told(door: Door, member: StaffMember) -> list[str]:
    async with door.db.snapshot() as tx:
        rows = await tx.scalars(sa.select(task.c.arguments).where(task.c.topic == "send_mail").order_by(task.c.id))
        letters = [row for row in rows if (row["kind"], row["subject"]) == ("training_due", str(member.id))]
    return [row["occasion"].partition(":")[2] for row in letters]


async def _letter(door: Door, member: StaffMember) -> str | None:
    """The last one promised, as the worker that sends it would write it now."""
    async with door.db.snapshot() as tx:
        rows = (await tx.execute(sa.select(task).where(task.c.topic == "send_mail").order_by(task.c.id.desc()))).all()
    row = next(each for each in rows if each.arguments["subject"] == str(member.id))
    async with door.db.direct() as pg:
        message = await begin(pg, SendMail.parse(row.arguments), Held(row.id, row.topic, row.arguments, 1, row.id))
    assert message is not None
    async with door.db.snapshot() as tx:
        await tx.execute(sa.text(f"SET LOCAL ROLE {WORKER}"))
        letter = await compose(tx, message, vault=door.vault, public_url="https://shop.test", now=door.clock.now())
    return letter.text if letter else None


async def _kept(door: Door) -> tuple[bool, bool]:
    async with door.db.snapshot() as tx:
        runs = await last_runs(tx)
    return runs["training"].passed, runs["access_paused"].passed


async def _alerts(door: Door) -> list[str]:
    async with door.db.snapshot() as tx:
        mine = (alert.c.kind == "training_lapsed") & alert.c.resolved_at.is_(None)
        return list(await tx.scalars(sa.select(alert.c.subject).where(mine)))


async def test_letters_say_so_thirty_fourteen_and_three_days_ahead_and_each_once(door: Door, privacy: Database) -> None:
    member = await a_member(door, Role.MANAGER)
    await train(member.id, shop_date(door.clock.now()), by=member, db=door.db, clock=door.clock)
    told = []
    door.clock.advance(days=330)
    for days in range(330, 370):
        promised = await watch_training(None, db=privacy, clock=door.clock)
        assert await watch_training(None, db=privacy, clock=door.clock) in (0, promised)
        told += [days] * promised
        if promised:
            await _letter(door, member)
        # What is done is forgotten after two weeks, and the letter is not written again for it.
        async with door.db.transaction() as tx:
            await tx.execute(sa.delete(task).where(task.c.topic == "send_mail", task.c.id.not_in(_open())))
        door.clock.advance(days=1)
    assert told == [336, 352, 363, 366]


def _open() -> sa.Select:
    return sa.select(task.c.id).where(task.c.topic != "send_mail")


async def test_a_lapsed_training_turns_the_control_red_raises_an_alert_and_both_end_with_the_next(
    door: Door, privacy: Database
) -> None:
    manager, picker = await a_member(door, Role.MANAGER), await a_member(door, Role.ORDERS)
    await train(manager.id, shop_date(door.clock.now()), by=manager, db=door.db, clock=door.clock)
    await watch_training(None, db=privacy, clock=door.clock)
    assert (await _kept(door), await _alerts(door)) == ((True, True), [])
    assert (await _told(door, manager), await _told(door, picker)) == ([], ["14"])
    assert "Please be trained before" in (await _letter(door, picker) or "")

    door.clock.advance(days=GRACE.days)
    await watch_training(None, db=privacy, clock=door.clock)
    assert (await _kept(door), await _alerts(door)) == ((False, True), [str(picker.id)])
    assert await _told(door, picker) == ["14", "0"]

    door.clock.advance(minutes=1)
    await train(picker.id, shop_date(door.clock.now()), by=manager, db=door.db, clock=door.clock)
    await watch_training(None, db=privacy, clock=door.clock)
    assert (await _kept(door), await _alerts(door)) == ((True, True), [])
    assert await _letter(door, picker) is None


async def test_who_leaves_is_nobody_to_be_trained(door: Door, privacy: Database) -> None:
    manager, picker = await a_member(door, Role.MANAGER), await a_member(door, Role.ORDERS)
    await train(manager.id, shop_date(door.clock.now()), by=manager, db=door.db, clock=door.clock)
    door.clock.advance(days=GRACE.days)
    await watch_training(None, db=privacy, clock=door.clock)
    await leave(picker.id, by=manager, db=door.db, clock=door.clock)

    door.clock.advance(minutes=1)
    await watch_training(None, db=privacy, clock=door.clock)

    assert (await _kept(door), await _alerts(door)) == ((True, True), [])


@pytest.mark.parametrize("why", ["untrained", "unread"])
async def test_a_look_at_a_customer_while_access_pauses_turns_the_control_red(
    door: Door, privacy: Database, why: str
) -> None:
    """E88: what the console refuses is looked for, in case it did not."""
    manager = await a_member(door, Role.MANAGER)
    customer = await a_customer(door.db, door.vault, now=door.clock.now())
    await tell_policy(None, db=door.db, clock=door.clock)
    door.clock.advance(days=max(GRACE, STAFF_READ_WITHIN).days + 1)
    today = shop_date(door.clock.now())
    if why == "untrained":
        await acknowledge_as_staff(manager.id, "2026-12-01", db=door.db, clock=door.clock)
    else:
        await train(manager.id, today, by=manager, db=door.db, clock=door.clock)
    await watch_training(None, db=privacy, clock=door.clock)
    assert (await _kept(door))[1]
    async with door.db.transaction() as tx:
        now = door.clock.advance(minutes=1)
        await store.add_view(tx, manager.id, customer_id=customer, purpose="delivery", now=now)

    # Whatever is put right afterwards, it was looked at before.
    door.clock.advance(minutes=1)
    await acknowledge_as_staff(manager.id, "2026-12-01", db=door.db, clock=door.clock)
    await train(manager.id, today - timedelta(days=1), by=manager, db=door.db, clock=door.clock)
    await watch_training(None, db=privacy, clock=door.clock)

    assert not (await _kept(door))[1]
