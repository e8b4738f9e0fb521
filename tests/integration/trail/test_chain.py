"""The chain over the audit trail: made by one at a time, and broken by nobody unseen (C8)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from kalecart import audit
from kalecart.controls import runs_of
from kalecart.database import Database
from kalecart.grants import ROLES, SCHEDULER, WEB
from kalecart.ids import StaffId, new_id
from kalecart.tasks import alert
from kalecart.trail import seal as sealing
from kalecart.trail.anchors import Anchor, add_anchor, anchors_in
from kalecart.trail.chain import GENESIS, FaultKind, Head, extended
from kalecart.trail.prove import CONTROL, prove_trail
from kalecart.trail.reads import links
from kalecart.trail.seal import BATCH_MAX, anchor, anchor_if_due, seal
from kalecart.trail.verify import Report, verify
from kalecart.trail.watch import watch_trail
from tests.clock import FakeClock
from tests.server import Clone

ROWS = 12


class Trail:
    """A trail of some rows, whoever attacks it, and whoever proves it."""

    def __init__(self, db: Database, clock: FakeClock, anchors: Path) -> None:
        self.db, self.clock, self.anchors = db, clock, anchors

    async def write(self, count: int = 1) -> None:
        for _ in range(count):
            self.clock.advance(seconds=1.000_003)
            async with self.db.transaction() as tx:
                await audit.record(
                    tx,
                    "task_retried",
                    by=audit.by_staff(StaffId(new_id())),
                    subject=("task", new_id()),
                    now=self.clock.now(),
                    detail={"z": True, "attempts": 3, "a": None, "was": "dead", "of": new_id()},
                )

    async def seal(self) -> int:
        return await seal(db=self.db, clock=self.clock)

    async def mark(self) -> Anchor:
        return await anchor(self.anchors, db=self.db, now=self.clock.now())

    async def verify(self) -> Report:
        return await verify(db=self.db, clock=self.clock, anchor_file=self.anchors)

    async def faults(self) -> list[tuple[FaultKind, int]]:
        return [(fault.kind, fault.sequence) for fault in (await self.verify()).faults]

    async def watch(self) -> None:
        await watch_trail(None, db=self.db, clock=self.clock)

    async def alerts(self) -> list[str]:
        async with self.db.transaction() as tx:
            return list((await tx.execute(sa.select(alert.c.kind).where(alert.c.resolved_at.is_(None)))).scalars())

    async def attack(self, *statements: str) -> None:
        """As somebody whom nothing holds back: the server's superuser, with keys and triggers off."""
        async with self.db.transaction() as tx:
            await tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                assert (await tx.execute(sa.text(statement))).rowcount > 0, statement

    async def ddl(self, *statements: str) -> None:
        async with self.db.transaction() as tx:
            for statement in statements:
                await tx.execute(sa.text(statement))

    async def forge(self) -> None:
        """Seal every row anew, head and all, as the shop itself would."""
        async with self.db.transaction() as tx:
            whole = [link async for link in links(tx)]
            head = Head()
            for link in whole:
                assert link.entry is not None
                forged, head = extended(head, link.entry)
                await tx.execute(
                    sa.text("UPDATE audit_link SET hash = :hash WHERE sequence = :sequence"),
                    {"hash": forged.hash, "sequence": link.sequence},
                )
            await tx.execute(sa.text("UPDATE audit_head SET hash = :hash"), {"hash": head.hash})

    async def entry_at(self, sequence: int) -> UUID:
        async with self.db.transaction() as tx:
            found = sa.text("SELECT entry_id FROM audit_link WHERE sequence = :sequence")
            return (await tx.execute(found, {"sequence": sequence})).scalar_one()


@pytest_asyncio.fixture
async def trail(db: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Trail]:
    """Twelve rows, sealed; a mark after the eighth."""
    made = Trail(db, clock, tmp_path / "anchors.jsonl")
    await made.write(8)
    await made.seal()
    await made.mark()
    await made.write(4)
    await made.seal()
    yield made


AT_5 = "(SELECT entry_id FROM audit_link WHERE sequence = 5)"
SWAP = (
    "UPDATE audit_link SET sequence = -5 WHERE sequence = 5",
    "UPDATE audit_link SET sequence = 5 WHERE sequence = 6",
    "UPDATE audit_link SET sequence = 6 WHERE sequence = -5",
)
REPAIR_HEAD = (
    "UPDATE audit_head SET (sequence, hash) = (SELECT sequence, hash FROM audit_link ORDER BY sequence DESC LIMIT 1)"
)


def cut_after(sequence: int) -> Sequence[str]:
    rows = f"(SELECT entry_id FROM audit_link WHERE sequence > {sequence})"
    return f"DELETE FROM audit_entry WHERE id IN {rows}", f"DELETE FROM audit_link WHERE sequence > {sequence}"


ATTACKS = {
    "an edit": ([f"UPDATE audit_entry SET act = 'nothing' WHERE id = {AT_5}"], FaultKind.CHANGED, 5),
    "an edit inside the detail": (
        [f"UPDATE audit_entry SET detail = detail || '{{\"attempts\": 4}}' WHERE id = {AT_5}"],
        FaultKind.CHANGED,
        5,
    ),
    "another actor": ([f"UPDATE audit_entry SET actor_id = uuidv4() WHERE id = {AT_5}"], FaultKind.CHANGED, 5),
    "a microsecond": (
        [f"UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE id = {AT_5}"],
        FaultKind.CHANGED,
        5,
    ),
    "a deleted line": ([f"DELETE FROM audit_entry WHERE id = {AT_5}"], FaultKind.GONE, 5),
    "a deleted line and its seal": (
        [f"DELETE FROM audit_entry WHERE id = {AT_5}", "DELETE FROM audit_link WHERE sequence = 5"],
        FaultKind.UNLINKED,
        5,
    ),
    "two seals swapped": (list(SWAP), FaultKind.CHANGED, 5),
    "a cut tail": (list(cut_after(10)), FaultKind.CUT, 11),
    "another seal": (["UPDATE audit_link SET hash = sha256('x') WHERE sequence = 5"], FaultKind.CHANGED, 5),
}


async def test_whatever_is_done_to_a_row_its_place_is_named(trail: Trail) -> None:
    tables = ("audit_entry", "audit_link", "audit_head")
    await trail.ddl("ALTER TABLE audit_link DROP CONSTRAINT audit_link_sequence_counts")
    await trail.ddl(*(f"CREATE TABLE kept_{table} AS TABLE {table}" for table in tables))
    found = {}
    for name, (statements, _, _) in ATTACKS.items():
        assert (await trail.verify()).well, name
        await trail.attack(*statements)
        found[name] = (await trail.faults())[0]
        await trail.attack(*(f"DELETE FROM {table}" for table in reversed(tables)))
        await trail.attack(*(f"INSERT INTO {table} TABLE kept_{table}" for table in tables))

    assert found == {name: (kind, sequence) for name, (_, kind, sequence) in ATTACKS.items()}


async def test_a_line_put_among_older_ones_is_named_and_never_sealed(trail: Trail) -> None:
    planted = new_id()
    await trail.attack(
        f"INSERT INTO audit_entry SELECT '{planted}', at - interval '2 hours', actor_kind, actor_id, act, "
        f"subject_kind, subject, detail FROM audit_entry WHERE id = {AT_5}"
    )

    assert await trail.seal() == 0
    (fault,) = (await trail.verify()).faults
    assert (fault.kind, fault.entry_id) == (FaultKind.INSERTED, planted)
    assert str(planted) in fault.sentence


async def test_a_cut_tail_with_a_repaired_head_is_seen_by_the_mark_outside(trail: Trail) -> None:
    await trail.attack(*cut_after(6), REPAIR_HEAD)

    assert await trail.faults() == [(FaultKind.CUT, 7)]
    without = await verify(db=trail.db, clock=trail.clock, anchor_file=None)
    assert (without.well, without.anchored) == (True, 0), "why the mark has to be outside"


async def test_a_tail_that_is_cut_and_grows_again_is_seen_by_the_mark_outside(trail: Trail) -> None:
    await trail.attack(*cut_after(6), REPAIR_HEAD)
    await trail.write(5)
    await trail.seal()

    assert await trail.faults() == [(FaultKind.REWRITTEN, 8)]


async def test_a_trail_written_anew_from_its_first_row_is_seen_by_the_mark_outside(trail: Trail) -> None:
    await trail.attack(f"UPDATE audit_entry SET act = 'nothing' WHERE id = {AT_5}")
    await trail.forge()

    assert await trail.faults() == [(FaultKind.REWRITTEN, 8)]
    assert (await verify(db=trail.db, clock=trail.clock, anchor_file=None)).well


async def test_a_mark_that_cannot_be_read_is_a_fault_and_half_a_last_line_is_none(trail: Trail) -> None:
    with trail.anchors.open("a") as file:
        file.write('{"at": "2026-')
    assert (await trail.verify()).well

    trail.anchors.write_text("anything\n" + trail.anchors.read_text())
    assert await trail.faults() == [(FaultKind.UNREADABLE, 1)]

    trail.anchors.unlink()
    assert await trail.faults() == [(FaultKind.UNMARKED, 12)]


async def test_a_backup_that_was_put_back_on_purpose_is_told_apart_from_a_cut_tail(trail: Trail) -> None:
    await trail.attack(*cut_after(6), REPAIR_HEAD)
    await anchor(trail.anchors, db=trail.db, now=trail.clock.now(), restored=True)
    await trail.write(4)
    await trail.seal()

    assert (await trail.verify()).well
    await trail.attack(*cut_after(5), REPAIR_HEAD)
    assert await trail.faults() == [(FaultKind.CUT, 6)]


async def test_twenty_writers_and_four_who_seal_make_one_chain(
    clone: Clone, db: Database, clock: FakeClock, tmp_path: Path
) -> None:
    web = Database(clone.url(WEB), pool_size_max=40, application="test")
    scheduler = Database(clone.url(SCHEDULER), pool_size_max=8, application="test")
    trail = Trail(web, clock, tmp_path / "anchors.jsonl")

    async def seals() -> int:
        return sum([await seal(db=scheduler, clock=clock) for _ in range(12)])

    await asyncio.gather(*(trail.write(5) for _ in range(20)), *(seals() for _ in range(4)))
    while await seal(db=scheduler, clock=clock):
        pass

    report = await verify(db=db, clock=clock, anchor_file=None)
    assert (report.head.sequence, report.unsealed.count, report.faults) == (100, 0, [])
    await web.close()
    await scheduler.close()


async def test_a_line_that_comes_a_little_late_is_sealed_after_younger_ones(trail: Trail) -> None:
    now = trail.clock.now()
    async with trail.db.transaction() as tx:
        late = now - timedelta(minutes=2)
        await audit.record(tx, "task_retried", by=audit.SHOP, subject=("task", new_id()), now=late)

    assert await trail.seal() == 1
    assert (await trail.verify()).well


async def test_lines_that_nobody_seals_are_said_to_wait(trail: Trail) -> None:
    await trail.write()
    await trail.watch()
    assert ((await trail.verify()).well, await trail.alerts()) == (True, [])

    trail.clock.advance(minutes=11)
    await trail.watch()

    report = await trail.verify()
    assert (report.overdue, report.unsealed.count, report.well) == (True, 1, False)
    assert await trail.alerts() == ["trail_unsealed"]

    await trail.seal()
    await trail.watch()
    assert await trail.alerts() == []


async def test_every_walk_is_kept_as_a_control_and_a_broken_row_is_an_alert(trail: Trail) -> None:
    walk = {"db": trail.db, "clock": trail.clock, "anchor_file": trail.anchors}
    await prove_trail(None, **walk)
    trail.clock.advance(days=1)
    await trail.attack(f"DELETE FROM audit_entry WHERE id = {AT_5}")
    await prove_trail(None, **walk)

    async with trail.db.snapshot() as tx:
        after, before = await runs_of(tx, CONTROL, limit=10)
    assert (before.passed, before.detail.split(",")[0]) == (True, "12 rows walked")
    assert (after.passed, "row 5" in after.detail) == (False, True)
    assert await trail.alerts() == ["trail_broken"]


async def test_a_mark_is_left_once_an_hour_whoever_asks(trail: Trail) -> None:
    for minutes in (0, 30, 29, 2, 0):
        trail.clock.advance(minutes=minutes)
        await anchor_if_due(trail.anchors, db=trail.db, now=trail.clock.now())

    marks = anchors_in(trail.anchors)
    assert [mark.sequence for mark in marks] == [8, 12]
    assert marks[-1].hash != GENESIS


async def test_after_a_mark_that_cannot_be_read_one_more_is_left_and_no_others(trail: Trail) -> None:
    trail.anchors.write_text("{no mark}\n")
    for _ in range(3):
        await anchor_if_due(trail.anchors, db=trail.db, now=trail.clock.now())

    assert len(trail.anchors.read_text().splitlines()) == 2


async def test_a_process_that_ends_leaves_the_last_lines_sealed_and_marked(trail: Trail) -> None:
    await trail.write()
    await sealing.last_seal(db=trail.db, clock=trail.clock, anchor_file=trail.anchors)

    assert anchors_in(trail.anchors)[-1].sequence == 13
    await sealing.last_seal(
        db=trail.db, clock=trail.clock, anchor_file=trail.anchors.parent
    )  # a folder: said, not raised


async def test_more_lines_than_one_round_takes_are_sealed_in_rounds(trail: Trail) -> None:
    async with trail.db.transaction() as tx:
        many = [audit.Entry(subject=("task", new_id())) for _ in range(BATCH_MAX + 1)]
        await audit.record_each(tx, "task_discarded", many, by=audit.SHOP, now=trail.clock.now())

    assert [await trail.seal(), await trail.seal(), await trail.seal()] == [BATCH_MAX, 1, 0]
    assert (await trail.verify()).head.sequence == 12 + BATCH_MAX + 1


async def test_no_role_changes_a_seal_and_only_the_one_that_seals_moves_the_head(clone: Clone, trail: Trail) -> None:
    for role in ROLES:
        url = make_url(clone.url(role)).set(drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        attacks = [
            "UPDATE audit_link SET hash = ''",
            "DELETE FROM audit_link",
            "TRUNCATE audit_link",
            "TRUNCATE audit_head",
        ]
        attacks += [
            "DELETE FROM audit_head",
            "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
            "TRUNCATE audit_entry CASCADE",
        ]
        attacks += ["SET session_replication_role = replica"]
        if role != SCHEDULER:
            attacks += [
                "UPDATE audit_head SET sequence = 0",
                "INSERT INTO audit_link VALUES (99, uuidv4(), sha256(''))",
            ]
        for attack in attacks:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(attack)
        await connection.close()

    assert (await trail.verify()).well


async def test_a_chain_copied_as_text_and_read_back_is_the_same(trail: Trail) -> None:
    """What a dump does with every value: out as text, in from text, under another time zone and float style."""
    async with trail.db.transaction() as tx:
        await tx.execute(sa.text("SET LOCAL timezone = 'Asia/Kathmandu'"))
        await tx.execute(sa.text("CREATE TABLE dumped AS SELECT id, at::text, detail::text FROM audit_entry"))
    await trail.attack(
        "UPDATE audit_entry SET at = dumped.at::timestamptz, detail = dumped.detail::jsonb FROM dumped "
        "WHERE dumped.id = audit_entry.id"
    )

    assert (await trail.verify()).well


async def test_marks_are_appended_whole_by_several_at_once(tmp_path: Path) -> None:
    file, clock = tmp_path / "anchors.jsonl", FakeClock()
    marks = [Anchor(at=clock.now(), sequence=number, hash=bytes([number]) * 32) for number in range(40)]
    await asyncio.gather(*(asyncio.to_thread(add_anchor, file, mark) for mark in marks))

    assert sorted(anchors_in(file), key=lambda mark: mark.sequence) == marks
