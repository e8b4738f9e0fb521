"""The audit trail: written with the act or not at all, never changed, never about a person."""

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from kalecart import audit
from kalecart.database import Database
from kalecart.grants import ROLES, WEB
from kalecart.ids import StaffId, new_id
from tests.clock import FakeClock
from tests.server import Clone


async def record(db: Database, clock: FakeClock, subject: object, **detail: audit.Fact) -> None:
    async with db.transaction() as tx:
        by = audit.by_staff(StaffId(new_id()))
        await audit.record(tx, "task_retried", by=by, subject=("task", subject), now=clock.now(), detail=detail)


async def test_a_line_says_who_did_what_to_which_thing(db: Database, clock: FakeClock) -> None:
    task, staff = new_id(), StaffId(new_id())
    async with db.transaction() as tx:
        await audit.record(
            tx,
            "task_retried",
            by=audit.by_staff(staff),
            subject=("task", task),
            now=clock.now(),
            detail={"attempts": 3},
        )
        await audit.record(tx, "task_discarded", by=audit.SHOP, subject=("task", new_id()), now=clock.now())

        (line,) = await audit.lines_about(tx, ("task", task), limit=10)

    assert (line.at, line.actor_kind, line.actor_id, line.act) == (clock.now(), "staff", staff, "task_retried")
    assert line.detail == {"attempts": 3}


async def test_an_act_that_is_undone_leaves_no_line(db: Database, clock: FakeClock) -> None:
    task = new_id()
    with pytest.raises(RuntimeError):
        async with db.transaction() as tx:
            await audit.record(tx, "task_retried", by=audit.SHOP, subject=("task", task), now=clock.now())
            raise RuntimeError

    async with db.transaction() as tx:
        assert await audit.lines_about(tx, ("task", task), limit=10) == []


@pytest.mark.parametrize("words", ["Ana Shopper", "ana@example.com", "460 S. Spring St.", ""])
async def test_a_person_does_not_fit_into_a_line(words: str, db: Database, clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="ids, codes and counts"):
        await record(db, clock, new_id(), why=words)
    with pytest.raises(ValueError, match="ids, codes and counts"):
        await record(db, clock, words)


async def test_no_role_may_change_or_remove_a_line(clone: Clone, db: Database, clock: FakeClock) -> None:
    task = new_id()
    await record(db, clock, task)
    for role in ROLES:
        url = make_url(clone.url(role)).set(drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        for attack in ("UPDATE audit_entry SET act = 'nothing'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(attack)
        await connection.close()

    async with db.transaction() as tx:
        assert [line.act for line in await audit.lines_about(tx, ("task", task), limit=10)] == ["task_retried"]


async def test_the_web_may_write_a_line(clone: Clone, clock: FakeClock) -> None:
    web = Database(clone.url(WEB), pool_size_max=2, application="test")
    task = new_id()
    await record(web, clock, task)

    async with web.transaction() as tx:
        assert len(await audit.lines_about(tx, ("task", task), limit=10)) == 1
    await web.close()
