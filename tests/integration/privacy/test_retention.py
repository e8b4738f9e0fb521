"""What nobody may keep any longer goes by itself; what the law holds stays and is counted; nothing else goes (C8)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart import tombstones
from kalecart.clock import Clock
from kalecart.controls import last_runs
from kalecart.correspondents.reads import reach_of
from kalecart.correspondents.store import keep
from kalecart.database import Database
from kalecart.deadline import Stage
from kalecart.errors import Conflict, Invalid, NotFound
from kalecart.ids import CustomerId, StaffId, new_id
from kalecart.privacy import store as requests
from kalecart.privacy import store_retention
from kalecart.privacy.ask import received
from kalecart.privacy.keep_no_longer import keep_no_longer
from kalecart.privacy.place_hold import LOOKED_AT_WITHIN, lift_hold, place_hold
from kalecart.privacy.register import REGISTER, about
from kalecart.privacy.request import Channel, Kind
from kalecart.privacy.retention import BOOKS, CORRESPONDENCE, ON_RECORD
from kalecart.privacy.store_erasure import holds
from kalecart.privacy.subject import Person
from kalecart.sources import store as sources
from kalecart.sources.source import Channel as SourceChannel
from kalecart.sources.source import SourceId, Unconsented
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.askers import BEA
from tests.builders import Shopper, a_paid_order, a_product, a_refund, a_shopper
from tests.clock import FakeClock
from tests.people import Door

NOW = datetime.now(UTC).replace(microsecond=0)


class Now(FakeClock):
    """The database counts four years by its own clock, whoever asks."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture
def clock() -> Clock:
    return Now()


async def a_bought(db: Database, vault: Vault, clock: FakeClock) -> Shopper:
    await a_product(db, f"kale-{new_id().hex[-6:]}")
    async with db.transaction() as tx:
        window = await tx.scalar(sa.text("SELECT id FROM delivery_window"))
    shopper = await a_shopper(db, vault, now=NOW, window=window)
    await shopper.puts((await _sku(db)), 4, now=NOW)
    order_id = await a_paid_order(shopper, 2499, clock=clock)
    await a_refund(db, order_id, "goodwill", {}, now=NOW)
    return shopper


async def _sku(db: Database) -> str:
    async with db.transaction() as tx:
        return str(await tx.scalar(sa.text("SELECT sku FROM product ORDER BY position DESC, sku DESC LIMIT 1")))


async def erased(db: Database, shopper: Shopper, *, ago: timedelta, ordered_ago: timedelta | None = None) -> None:
    async with db.transaction() as tx:
        await tombstones.shred(tx, shopper.customer_id, now=NOW - ago)
        back = "UPDATE customer_order SET placed_at = :at WHERE customer_id = :person"
        await tx.execute(sa.text(back), {"at": NOW - (ordered_ago or ago), "person": shopper.customer_id})


async def rows_of(db: Database, customer_id: CustomerId) -> int:
    count = 0
    async with db.snapshot() as tx:
        for table in REGISTER.values():
            whose = about(table)
            if whose and table.name != "audit_entry":
                asked = sa.text(f"SELECT count(*) FROM {table.name} WHERE {whose}")
                count += await tx.scalar(asked.bindparams(sa.bindparam("person", customer_id, sa.Uuid))) or 0
    return count


async def a_manager(db: Database, vault: Vault, clock: Any) -> StaffId:
    form = NewStaff(name="M", email="m@example.com", password="seven slow carrots", role=Role.MANAGER)
    return await add_staff(form, db=db, vault=vault, clock=clock)


OLD = BOOKS + timedelta(days=2)


async def test_the_books_of_an_erased_person_are_deleted_after_four_years_and_nobody_elses(
    db: Database, as_privacy: Database, vault: Vault, clock: FakeClock
):
    """E64."""
    old = await a_bought(db, vault, clock)
    await erased(db, old, ago=OLD)
    recent = await a_bought(db, vault, clock)
    await erased(db, recent, ago=timedelta(days=100))
    living = await a_bought(db, vault, clock)
    kept = [await rows_of(db, each.customer_id) for each in (recent, living)]

    gone = await keep_no_longer(None, db=as_privacy, clock=clock)

    assert gone > 8
    assert await rows_of(db, old.customer_id) == 0
    assert [await rows_of(db, each.customer_id) for each in (recent, living)] == kept
    async with db.snapshot() as tx:
        assert await tombstones.is_erased(tx, old.customer_id)
        assert (await last_runs(tx))["retention"].passed
        run = (await tx.execute(sa.text("SELECT rule, gone, held FROM retention_run"))).one()
    assert tuple(run) == ("books", gone, 0)


async def test_a_person_under_a_legal_hold_is_kept_and_counted_until_it_is_lifted(
    db: Database, as_privacy: Database, vault: Vault, clock: FakeClock
):
    """E70."""
    shopper = await a_bought(db, vault, clock)
    await erased(db, shopper, ago=OLD)
    manager = await a_manager(db, vault, clock)
    of = {"by": manager, "db": db, "clock": clock}
    hold = await place_hold(shopper.customer_id, ground="case-7/2026", review_at=NOW + timedelta(days=90), **of)
    before = await rows_of(db, shopper.customer_id)

    assert await keep_no_longer(None, db=as_privacy, clock=clock) == 0
    assert await rows_of(db, shopper.customer_id) == before
    async with db.snapshot() as tx:
        assert await tx.scalar(sa.text("SELECT held FROM retention_run")) == 1
        assert "legal_hold" in {each.kind for each in await holds(tx, shopper.customer_id, now=NOW)}

    await lift_hold(hold, **of)

    assert await keep_no_longer(None, db=as_privacy, clock=clock) > 0
    assert await rows_of(db, shopper.customer_id) == 0


async def test_the_database_itself_refuses_to_forget_anybody_too_early_or_who_is_not_erased(
    db: Database, as_privacy: Database, vault: Vault, clock: FakeClock
):
    living = await a_bought(db, vault, clock)
    early = await a_bought(db, vault, clock)
    await erased(db, early, ago=OLD, ordered_ago=timedelta(days=10))

    async with as_privacy.transaction() as tx:
        for person in (living, early):
            for before in (NOW, NOW - BOOKS):
                assert await store_retention.forget(tx, person.customer_id, before=before) == 0


async def test_what_outlived_its_rule_fails_the_control_and_is_counted(
    db: Database, as_privacy: Database, vault: Vault, clock: FakeClock
):
    shopper = await a_shopper(db, vault, now=NOW)
    session = """
        INSERT INTO session (token_hash, customer_id, started_at, expires_at) VALUES ('\\x01', :person, :then, :then)
    """
    async with db.transaction() as tx:
        person = {"person": shopper.customer_id, "then": NOW - timedelta(days=16)}
        await tx.execute(sa.text(session), person)

    await keep_no_longer(None, db=as_privacy, clock=clock)

    async with db.snapshot() as tx:
        run = (await last_runs(tx))["retention"]
    assert (run.passed, run.detail) == (False, "0 rows deleted, 0 people under a hold, 1 rows overdue")


async def test_whoever_has_no_account_is_erased_two_years_after_they_last_wrote_and_not_before(
    db: Database, as_privacy: Database, vault: Vault, clock: FakeClock
):
    before = NOW - CORRESPONDENCE - timedelta(days=1)
    async with db.transaction() as tx:
        silent = await keep(tx, "rosa@example.org", name="Rosa", source="request", vault=vault, now=before)
        wrote_again = await keep(tx, "sam@example.org", source="unconsented_source", vault=vault, now=before)
        at = NOW - timedelta(days=30)
        again = Unconsented(
            id=SourceId(new_id()),
            channel=SourceChannel.IMPORT,
            sender_id=wrote_again,
            received_at=at,
            recorded_at=at,
            size_bytes=1,
            destroy_by=at,
            destroyed_at=None,
        )
        await sources.add(tx, again, recorded_by=None, content=None)

    await keep_no_longer(None, db=as_privacy, clock=clock)

    async with db.snapshot() as tx:
        assert await tombstones.is_erased(tx, silent)
        with pytest.raises(NotFound):
            await reach_of(tx, silent, vault)
        assert (await reach_of(tx, wrote_again, vault)).email == "sam@example.org"
        assert (await last_runs(tx))["retention"].passed


async def test_a_hold_names_a_case_and_a_day_and_somebody_who_exists(db: Database, vault: Vault, clock: FakeClock):
    shopper = await a_shopper(db, vault, now=NOW)
    of = {"by": await a_manager(db, vault, clock), "db": db, "clock": clock}
    later = NOW + timedelta(days=30)

    await place_hold(shopper.customer_id, ground="case-7", review_at=later, **of)
    with pytest.raises(Conflict):
        await place_hold(shopper.customer_id, ground="case-7", review_at=later, **of)
    with pytest.raises(Invalid):
        await place_hold(shopper.customer_id, ground="Ana Lima sued us", review_at=later, **of)
    for never in (NOW, NOW + LOOKED_AT_WITHIN + timedelta(days=1), datetime(9999, 12, 31, tzinfo=UTC)):
        with pytest.raises(Invalid):
            await place_hold(shopper.customer_id, ground="case-8", review_at=never, **of)
    with pytest.raises(NotFound):
        await place_hold(shopper.customer_id, ground="case-8", review_at=later, **of | {"by": StaffId(new_id())})
    with pytest.raises(NotFound):
        await place_hold(CustomerId(new_id()), ground="case-8", review_at=later, **of)
    with pytest.raises(NotFound):
        await lift_hold(new_id(), **of)


async def test_requests_are_deleted_two_years_after_they_ended_with_what_joined_them_but_not_under_a_hold(
    door: Door, as_privacy: Database, clock: FakeClock
) -> None:
    """11 CCR 7101, E70."""
    ana, held = (await door.signs_up()).customer_id, (await door.signs_up(**BEA)).customer_id
    manager = await a_manager(door.db, door.vault, clock)
    of = {"by": manager, "db": door.db, "clock": clock}
    await place_hold(held, ground="case-7", review_at=NOW + timedelta(days=30), **of)
    ended = NOW - ON_RECORD - timedelta(days=2)
    async with door.db.transaction() as tx:
        for person in (ana, held):
            first = replace(
                received(Kind.ACCESS, Channel.ACCOUNT, Person.customer(person), received_at=ended), answered_at=ended
            )
            second = received(Kind.ACCESS, Channel.ACCOUNT, Person.customer(person), received_at=ended)
            await requests.add(tx, first, recorded_at=ended)
            await requests.add(tx, replace(second, joined_at=ended, joined_id=first.id), recorded_at=ended)
            await requests.notice(tx, first.id, Stage.DAY_15, now=ended)
        recent = received(Kind.ACCESS, Channel.ACCOUNT, Person.customer(ana), received_at=NOW)
        await requests.add(tx, replace(recent, answered_at=NOW), recorded_at=NOW)
    async with door.db.snapshot() as tx:
        assert ("requests", 1) in await store_retention.overdue(tx, now=NOW)

    await keep_no_longer(None, db=as_privacy, clock=clock)

    async with door.db.snapshot() as tx:
        left = (await tx.execute(sa.text("SELECT customer_id FROM privacy_request"))).scalars().all()
        assert sorted(left) == sorted([ana, held, held])
        told = (await tx.execute(sa.text("SELECT gone, held FROM retention_run WHERE rule = 'requests'"))).one()
        assert tuple(told) == (2, 1)
        assert await store_retention.overdue(tx, now=NOW) == []
