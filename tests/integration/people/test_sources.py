"""What reaches the shop without consent is sealed unread, its sender told to stop, and destroyed on time (C4)."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.controls import last_runs
from kalecart.database import Database, DatabaseFault
from kalecart.errors import Invalid
from kalecart.grants import PRIVACY, WEB, WORKER
from kalecart.ids import StaffId, new_id
from kalecart.sources.destroy import destroy_sources
from kalecart.sources.import_people import ConsentMissing, OwnSignUp, import_people
from kalecart.sources.people_sheet import lines_without_consent
from kalecart.sources.reads import overdue, quarantined
from kalecart.sources.record import Received, record_source
from kalecart.sources.source import CONTENT_BYTES_MAX, HELD, Channel, SourceId, Unconsented
from kalecart.sources.store import add
from kalecart.sources.tables import quarantine
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.rights import Role
from kalecart.tasks import alert, task
from kalecart.vault import CannotOpen, Place, Vault, key_of
from tests.clock import FakeClock

LIST = b"name,email\nPlanted Neighbor,planted.neighbor@example.net\n"
PARTNER = "partner@example.org"


@pytest_asyncio.fixture
async def manager(db: Database, vault: Vault, clock: FakeClock) -> StaffMember:
    asked = NewStaff(name="Mona", email="mona@example.com", password="nine slow pumpkins", role=Role.MANAGER)
    return StaffMember(id=await add_staff(asked, db=db, vault=vault, clock=clock), role=Role.MANAGER)


@pytest.fixture
def hand_in(as_role, vault: Vault, clock: FakeClock, manager: StaffMember):
    """As the web process does, with no more rights."""
    web = as_role(WEB)

    async def one(sender: str = PARTNER, **but: object) -> SourceId:
        facts = {"id": SourceId(new_id()), "channel": "file", "sender": sender, "received_at": clock.now()}
        asked = Received(**(facts | {"content": LIST} | but))  # ty: ignore[invalid-argument-type]
        return await record_source(asked, by=manager, db=web, vault=vault, clock=clock)

    return one


async def _letters(db: Database) -> list[tuple[str, str]]:
    async with db.snapshot() as tx:
        rows = await tx.scalars(sa.select(task.c.arguments).where(task.c.topic == "send_mail").order_by(task.c.id))
        return [(row["kind"], row["subject"]) for row in rows]


async def _alerts(db: Database) -> list[tuple[str, str]]:
    async with db.snapshot() as tx:
        return [tuple(row) for row in await tx.execute(sa.select(alert.c.kind, alert.c.subject))]


async def test_a_partners_list_of_customers_is_quarantined_notice_sent_destroyed_and_none_becomes_a_customer(
    hand_in, db: Database, as_role, clock: FakeClock, vault: Vault
) -> None:
    """E49."""
    source_id = await hand_in()
    async with db.snapshot() as tx:
        held = (await tx.execute(sa.select(quarantine.c.content))).scalar_one()
        key = await key_of(tx, source_id, vault)
        sender = (await quarantined(tx, most=9))[0].source.sender_id
        assert await tx.scalar(sa.text("SELECT count(*) FROM customer")) == 0
    assert b"lanted" not in held
    assert key.open(held, Place("quarantine", "content", source_id))
    assert await _letters(db) == [("cease_notice", str(sender))]

    clock.advance(days=HELD.days, seconds=1)
    async with db.snapshot() as tx:
        assert await overdue(tx, now=clock.now()) == 1
    assert await destroy_sources(None, db=as_role(PRIVACY), clock=clock) == 1
    assert await destroy_sources(None, db=as_role(PRIVACY), clock=clock) == 0

    async with db.snapshot() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(quarantine)) == 0
        with pytest.raises(CannotOpen):
            await key_of(tx, source_id, vault)
        line = (await quarantined(tx, most=9))[0].source
        assert (line.destroyed_at, line.size_bytes) == (clock.now(), len(LIST))
        assert (await last_runs(tx))["sources_destroyed"].passed
        trail = sa.text("SELECT act FROM audit_entry WHERE subject = :id ORDER BY at")
        acts = await tx.scalars(trail, {"id": str(source_id)})
        assert list(acts) == ["source_recorded", "source_destroyed"]
        assert await tx.scalar(sa.text("SELECT count(*) FROM customer")) == 0


async def test_the_sender_is_told_once_and_who_sends_again_is_brought_before_the_manager(
    hand_in, db: Database, manager: StaffMember
) -> None:
    await hand_in()
    assert await _alerts(db) == []
    await hand_in("PARTNER@example.org")
    await hand_in("other@example.org")

    letters = await _letters(db)
    assert [kind for kind, _ in letters] == ["cease_notice", "repeat_sender", "cease_notice"]
    first, repeated, other = (UUID(subject) for _, subject in letters)
    assert repeated == manager.id
    assert first != other
    assert await _alerts(db) == [("repeat_sender", str(first))]


async def test_pressing_twice_records_it_once_and_accuses_nobody(hand_in, db: Database) -> None:
    same = SourceId(new_id())

    assert await hand_in(id=same) == await hand_in(id=same) == same
    async with db.snapshot() as tx:
        assert len(await quarantined(tx, most=9)) == 1
    assert await _alerts(db) == []


async def test_going_back_and_handing_in_something_else_is_not_taken_for_pressing_twice(hand_in, db: Database) -> None:
    """Its sender would never be told to stop, and staff would believe that it was sealed."""
    same = await hand_in()
    for other in ({"content": LIST + b"more"}, {"sender": "other@example.org"}, {"channel": "mail"}):
        with pytest.raises(Invalid):
            await hand_in(**{"id": same} | other)

    async with db.snapshot() as tx:
        assert len(await quarantined(tx, most=9)) == 1
    assert [kind for kind, _ in await _letters(db)] == ["cease_notice"]


async def test_what_is_handed_in_under_somebodys_number_is_refused_and_nobody_is_destroyed_with_it(
    hand_in, db: Database, as_role, clock: FakeClock, vault: Vault, manager: StaffMember
) -> None:
    """The number comes with the form, and keys are destroyed by number."""
    theirs, now = SourceId(manager.id), clock.now()
    for content in (b"", LIST):
        with pytest.raises(Invalid):
            await hand_in(id=theirs, content=content)
    facts = {"channel": Channel.FILE, "sender_id": None, "size_bytes": 0, "destroyed_at": None}
    let_in = Unconsented(id=theirs, received_at=now, recorded_at=now, destroy_by=now, **facts)  # ty: ignore[invalid-argument-type]
    async with db.transaction() as tx:
        await add(tx, let_in, recorded_by=manager.id, content=None)

    assert await destroy_sources(None, db=as_role(PRIVACY), clock=clock) == 1

    async with db.snapshot() as tx:
        assert await key_of(tx, manager.id, vault)


async def test_nobody_in_the_console_can_open_what_was_sealed(hand_in, as_role) -> None:
    await hand_in()
    for role in (WEB, WORKER):
        with pytest.raises(DatabaseFault, match="42501"):
            async with as_role(role).snapshot() as tx:
                await tx.execute(sa.select(quarantine.c.content))


async def test_a_letter_from_nobody_known_is_on_record_without_content(hand_in, db: Database) -> None:
    await hand_in("", channel="letter", content=b"")

    async with db.snapshot() as tx:
        (line,) = await quarantined(tx, most=9)
    assert (line.source.sender_id, line.source.size_bytes, line.notice) == (None, 0, None)
    assert await _letters(db) == []


async def test_what_is_wrong_with_a_record_is_said_all_at_once(hand_in, clock: FakeClock, db: Database) -> None:
    tomorrow = clock.now() + timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        await hand_in("no address", channel="pigeon", received_at=tomorrow, content=b"x" * (CONTENT_BYTES_MAX + 1))

    assert set(refused.value.problems) == {"/channel", "/sender", "/received", "/content"}
    async with db.snapshot() as tx:
        assert await quarantined(tx, most=9) == []


async def test_who_handles_orders_may_not_record_or_see_it(db: Database, vault: Vault, clock: FakeClock) -> None:
    picker = StaffMember(id=StaffId(new_id()), role=Role.ORDERS)
    asked = Received(id=SourceId(new_id()), channel="file", sender="", received_at=clock.now(), content=LIST)

    with pytest.raises(RoleForbids):
        await record_source(asked, by=picker, db=db, vault=vault, clock=clock)
    assert "Planted" not in repr(asked)


async def test_a_list_with_one_line_without_consent_is_refused_whole_and_sealed(
    db: Database, vault: Vault, clock: FakeClock, manager: StaffMember
) -> None:
    head = b"name,email,consent_source,consented_on\n"
    good, bad = b"Ana,ana@example.net,paper form,2026-10-01\n", b"Planted,planted@example.net,,2026-10-01\n"
    with pytest.raises(ConsentMissing, match=r"line 3\.") as refused:
        await import_people(head + good + bad, sender=PARTNER, db=db, vault=vault, clock=clock)
    with pytest.raises(OwnSignUp):
        await import_people(head + good, sender=PARTNER, db=db, vault=vault, clock=clock)

    assert "lanted" not in refused.value.detail
    async with db.snapshot() as tx:
        (line,) = await quarantined(tx, most=9)
        assert (line.source.channel, line.source.size_bytes) == ("import", len(head + good + bad))
        assert await tx.scalar(sa.text("SELECT count(*) FROM customer")) == 0
    assert [kind for kind, _ in await _letters(db)] == ["cease_notice"]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"name\nAna\n", b"consent_source,consented_on\nform,2027-01-01\n"]
)
def test_what_does_not_say_that_somebody_agreed_is_no_consent(content: bytes) -> None:
    assert lines_without_consent(content, today=date(2026, 11, 2))
