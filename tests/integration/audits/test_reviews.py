"""Each quarter somebody else confirms what everybody who works here may do, or takes it away (C8)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from kalecart.audits import store
from kalecart.audits.decide import Asked, LineDecided, NotHeld, OwnAccess, decide
from kalecart.audits.review import Outcome
from kalecart.database import ConstraintBroken
from kalecart.errors import Invalid, NotFound
from kalecart.ids import new_id
from kalecart.staff import reads as staff
from kalecart.staff.change_role import OwnRole, SameRole, change_role
from kalecart.staff.designate import revoke
from kalecart.staff.designation import Scope
from kalecart.staff.leave import LastManager, leave
from kalecart.staff.member import NotDesignated, RoleForbids
from kalecart.staff.rights import Role
from kalecart.staff.tables import staff_session
from tests.auditors import Office


async def test_the_first_day_of_a_quarter_opens_one_review_with_a_line_for_each_role_and_designation(
    office: Office,
) -> None:
    await office.watches()
    assert [each.quarter for each in await office.reviews()] == ["2026-Q4"]
    # The shop began on 2 November: its thirty days are counted from then.
    assert (await office.reviews())[0].due_at == datetime(2026, 12, 3, 8, tzinfo=UTC)

    office.clock.advance(days=60)
    await asyncio.gather(office.watches(), office.watches())
    await leave(office.otto.id, by=office.manager, **office.verbs)
    await office.watches()

    newest = (await office.reviews())[0]
    assert (newest.quarter, newest.due_at) == ("2027-Q1", datetime(2027, 2, 1, 8, tzinfo=UTC))
    assert set(await office.lines()) == {
        (office.manager.id, "manager"),
        (office.perry.id, "privacy"),
        (office.perry.id, "complaints"),
        (office.perry.id, "requests"),
        (office.otto.id, "orders"),
    }
    assert (newest.lines, newest.left) == (5, 4)


async def test_a_quarter_in_which_nobody_was_awake_has_a_review_that_was_not_held(office: Office) -> None:
    await office.watches()
    office.clock.advance(days=200)
    await office.watches()

    assert [(each.quarter, each.lines > 0) for each in await office.reviews()] == [
        ("2027-Q2", True),
        ("2027-Q1", False),
        ("2026-Q4", True),
    ]


async def test_nobody_reviews_what_they_may_do_themselves_and_the_managers_is_reviewed_by_a_delegate(
    office: Office,
) -> None:
    await office.watches()
    with pytest.raises(OwnAccess):
        await office.decides(office.manager, office.manager, "manager")
    with pytest.raises(OwnAccess):
        await office.decides(office.perry, office.perry, "privacy")
    with pytest.raises(RoleForbids):
        await office.decides(office.otto, office.manager, "manager")

    await office.decides(office.perry, office.manager, "manager")
    for whom, what in ((office.perry, "privacy"), (office.perry, "complaints"), (office.perry, "requests")):
        await office.decides(office.manager, whom, what)
    await office.decides(office.manager, office.otto, "orders")

    assert (await office.reviews())[0].left == 0
    line = (await office.lines())[office.manager.id, "manager"]
    assert (line.outcome, line.decided_by) == (Outcome.KEPT, office.perry.id)
    with pytest.raises(LineDecided):
        await office.decides(office.manager, office.otto, "orders", "taken")


async def test_whose_designation_ended_meanwhile_reviews_nothing_and_the_database_says_so_too(office: Office) -> None:
    await office.watches()
    async with office.db.snapshot() as tx:
        held = await staff.designations(tx)
    for each in held:
        await revoke(each.id, by=office.manager, **office.verbs)

    with pytest.raises(NotDesignated):
        await office.decides(office.perry, office.manager, "manager")
    line = (await office.lines())[office.manager.id, "manager"]
    for who, constraint in ((office.perry, "by_who_acts"), (office.manager, "by_another")):
        with pytest.raises(ConstraintBroken, match=f"access_review_line_{constraint}"):
            async with office.web.transaction() as tx:
                await store.decide(tx, line.id, Outcome.KEPT, by=who.id, now=office.clock.now())


async def test_the_database_lets_nobody_decide_twice_about_a_line(office: Office) -> None:
    await office.watches()
    await office.decides(office.manager, office.otto, "orders")
    line = (await office.lines())[office.otto.id, "orders"]
    with pytest.raises(ConstraintBroken, match="access_review_line_decided_once"):
        async with office.web.transaction() as tx:
            await store.decide(tx, line.id, Outcome.TAKEN, by=office.manager.id, now=office.clock.now())


async def test_what_somebody_may_no_longer_do_is_nothing_to_confirm_and_holds_no_review_up(office: Office) -> None:
    await office.watches()
    line = (await office.lines())[office.perry.id, "complaints"]
    await change_role(office.perry.id, Role.ORDERS, by=office.manager, **office.verbs)
    with pytest.raises(NotHeld):
        await decide(line.id, Asked(outcome="kept"), by=office.manager, **office.verbs)
    assert [each.open for each in (await office.lines()).values() if each.staff_id == office.perry.id] == [False] * 3
    assert (await office.reviews())[0].left == 2

    await change_role(office.perry.id, Role.PRIVACY, by=office.manager, **office.verbs)
    assert (await office.reviews())[0].left == 5
    await leave(office.otto.id, by=office.manager, **office.verbs)
    with pytest.raises(NotHeld):
        await office.decides(office.manager, office.otto, "orders")


async def test_what_is_taken_away_is_gone_there_and_then(office: Office) -> None:
    await office.watches()
    async with office.db.transaction() as tx:
        session = {"token_hash": b"\1", "started_at": office.clock.now(), "expires_at": office.clock.now()}
        await tx.execute(sa.insert(staff_session).values(staff_id=office.otto.id, **session))
    await office.decides(office.manager, office.perry, "complaints", "taken")
    await office.decides(office.manager, office.otto, "orders", "taken", instead="privacy")

    async with office.db.snapshot() as tx:
        now = office.clock.now()
        assert await staff.delegates(tx, Scope.COMPLAINTS, now) == [office.otto.id]
        assert set(await staff.delegates(tx, Scope.REQUESTS, now)) == {office.perry.id, office.otto.id}
        assert await staff.role_here(tx, office.otto.id) is Role.PRIVACY
        assert await tx.scalar(sa.select(sa.func.count()).select_from(staff_session)) == 0
    await office.decides(office.manager, office.perry, "privacy", "taken")
    async with office.db.snapshot() as tx:
        assert await staff.role_here(tx, office.perry.id) is None
        acts = "SELECT act FROM audit_entry WHERE actor_kind = 'staff' ORDER BY id"
        found = list(await tx.scalars(sa.text(acts)))
    assert found.count("access_reviewed") == 3
    assert {"designation_revoked", "role_changed", "staff_left"} <= set(found)


async def test_a_delegate_only_confirms_and_the_last_manager_stays(office: Office) -> None:
    await office.watches()
    with pytest.raises(RoleForbids):
        await office.decides(office.perry, office.otto, "orders", "taken")
    with pytest.raises(RoleForbids):
        await office.decides(office.perry, office.manager, "manager", "taken", instead="orders")
    for wrong in (Asked(outcome="maybe"), Asked(outcome="taken", instead="king")):
        with pytest.raises(Invalid):
            await decide(new_id(), wrong, by=office.manager, **office.verbs)
    with pytest.raises(NotFound):
        await decide(new_id(), Asked(outcome="kept"), by=office.manager, **office.verbs)
    assert (await office.reviews())[0].left == 5


async def test_another_role_ends_what_came_with_the_old_one(office: Office) -> None:
    with pytest.raises(OwnRole):
        await change_role(office.manager.id, Role.ORDERS, by=office.manager, **office.verbs)
    with pytest.raises(SameRole):
        await change_role(office.otto.id, Role.ORDERS, by=office.manager, **office.verbs)
    with pytest.raises(RoleForbids):
        await change_role(office.otto.id, Role.MANAGER, by=office.perry, **office.verbs)
    await change_role(office.otto.id, Role.MANAGER, by=office.manager, **office.verbs)
    await change_role(office.perry.id, Role.ORDERS, by=office.manager, **office.verbs)

    async with office.db.snapshot() as tx:
        assert await staff.delegates(tx, Scope.COMPLAINTS, office.clock.now()) == []
        assert await staff.of_role(tx, Role.MANAGER) == sorted([office.manager.id, office.otto.id])
    await leave(office.otto.id, by=office.manager, **office.verbs)
    other = office.perry
    with pytest.raises((RoleForbids, LastManager)):
        await change_role(office.manager.id, Role.ORDERS, by=other, **office.verbs)


async def test_a_review_that_is_not_finished_in_thirty_days_turns_c8_red_until_it_is(office: Office) -> None:
    await office.watches()
    assert (await office.letters(office.manager), await office.letters(office.otto)) == ([["review", "on_time"]], [])
    office.clock.advance(days=20)
    await office.watches()
    assert "access_reviews" not in await office.red()
    office.clock.advance(days=10, hours=14)
    await office.watches()

    review = (await office.reviews())[0]
    assert review.overdue(office.clock.now())
    assert "access_reviews" in await office.red()
    assert await office.alerts() >= {("review_overdue", str(review.id))}
    assert [each[1] for each in await office.letters(office.perry)] == ["on_time", "near", "overdue"]

    await office.decides(office.perry, office.manager, "manager")
    await office.decides(office.manager, office.otto, "orders")
    await office.decides(office.manager, office.perry, "privacy", "taken")
    await office.watches()
    assert ("access_reviews" in await office.red(), await office.alerts()) == (False, set())
    assert timedelta(days=30) < office.clock.now() - review.opened_at < timedelta(days=32)
