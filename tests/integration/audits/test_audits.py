"""Audits are held as planned, and what they find is put right: else their clauses turn red (C8)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.audits import store
from kalecart.audits.change_plan import Asked, LastPlan, change_plan, plan_audit
from kalecart.audits.finding import State
from kalecart.audits.follow_up import FindingMovedOn, FourEyes, close, mend, send_back
from kalecart.audits.hold import Found, add_finding, hold_audit
from kalecart.audits.plan import CLAUSES, DEFAULT
from kalecart.clock import shop_date
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Invalid, NotFound
from kalecart.grants import WORKER
from kalecart.ids import new_id
from kalecart.jobs import SendMail
from kalecart.mail.compose import compose
from kalecart.mail.store import begin
from kalecart.openness.reads import figures
from kalecart.staff.designate import revoke_in
from kalecart.staff.leave import leave
from kalecart.staff.member import NotDesignated, RoleForbids, StaffMember
from kalecart.staff.store import held_by
from kalecart.tasks import Held, task
from tests.auditors import Office
from tests.server import Clone

EVERY_YEAR = Asked(title="Orders", clauses=["C15"], months=12)


async def _holds(office: Office, key: str, *found: Found, by: StaffMember | None = None) -> Any:
    plan = (await office.plans())[key]
    today = shop_date(office.clock.now())
    return await hold_audit(plan.id, today, "All of it.", found, by=by or office.perry, **office.verbs)


def _wrong(office: Office, severity: str = "severe", days: int = 10) -> Found:
    day = shop_date(office.clock.now()) + timedelta(days=days)
    return Found(clause="C8", severity=severity, words="A cabinet was open.", follow_up_by=day)


async def _breaches(office: Office) -> list[str]:
    async with office.web.snapshot() as tx:
        found = await figures(tx, now=office.clock.now())
    return [each.words for each in found if each.clause == "C8" and each.wrong]


async def test_every_shop_begins_with_the_same_plan_and_it_is_begun_once(office: Office) -> None:
    await office.watches()
    await office.watches()

    plans = await office.plans()
    today = shop_date(office.clock.now())
    assert [(key, plans[key].months, plans[key].planned_on) for key in plans] == [
        (each.key, each.months, today) for each in DEFAULT
    ]


async def test_an_audit_that_is_not_held_turns_its_clauses_red_until_it_is(office: Office) -> None:
    await office.watches()
    office.clock.advance(days=365)
    assert "Audits that were not held when they were due" in await _breaches(office)
    await _holds(office, "access")
    await _holds(office, "paper")
    office.clock.advance(days=1)
    await office.watches()

    privacy = (await office.plans())["privacy"]
    assert {name for name in await office.red() if name.startswith("audits")} == {f"audits_{each}" for each in CLAUSES}
    assert ("audit_overdue", str(privacy.id)) in await office.alerts()
    assert ["audit", "overdue"] in await office.letters(office.manager)

    await _holds(office, "privacy")
    await office.watches()

    assert not {name for name in await office.red() if name.startswith("audits")}
    assert "audit_overdue" not in dict(await office.alerts())
    assert "Audits that were not held when they were due" not in await _breaches(office)


async def test_a_finding_that_is_not_put_right_in_time_turns_its_clause_red_until_it_is_closed(office: Office) -> None:
    await office.watches()
    await _holds(office, "access", _wrong(office))
    await office.watches()
    assert not {name for name in await office.red() if name.startswith("audits")}
    office.clock.advance(days=11)
    await office.watches()

    (finding,) = await office.findings()
    assert {name for name in await office.red() if name.startswith("audits")} == {"audits_C8"}
    assert ("finding_overdue", str(finding.id)) in await office.alerts()
    assert "What audits found and was not put right by its day" in await _breaches(office)
    assert [each for each in await office.letters(office.manager) if each[0] == "finding"] == [
        ["finding", "near"],
        ["finding", "overdue"],
    ]
    await mend(finding.id, "It has a lock now.", by=office.manager, **office.verbs)
    await office.watches()
    assert "audits_C8" in await office.red()
    await close(finding.id, by=office.perry, **office.verbs)
    await office.watches()
    assert "audits_C8" not in await office.red()
    assert "finding_overdue" not in dict(await office.alerts())


async def test_a_severe_finding_is_closed_by_another_than_mended_it_and_the_database_says_so_too(
    office: Office,
) -> None:
    await office.watches()
    await _holds(office, "access", _wrong(office), _wrong(office, "minor"))
    minor, severe = sorted(await office.findings(), key=lambda each: each.severity)
    with pytest.raises(FindingMovedOn):
        await close(severe.id, by=office.manager, **office.verbs)
    for each in (severe, minor):
        await mend(each.id, "It has a lock now.", by=office.manager, **office.verbs)
    await close(minor.id, by=office.manager, **office.verbs)
    with pytest.raises(FourEyes):
        await close(severe.id, by=office.manager, **office.verbs)
    with pytest.raises(ConstraintBroken, match="audit_finding_four_eyes"):
        async with office.web.transaction() as tx:
            forced = "UPDATE audit_finding SET state = 'closed', closed_by = mended_by, closed_at = mended_at"
            await tx.execute(sa.text(f"{forced} WHERE severity = 'severe'"))

    await send_back(severe.id, by=office.perry, **office.verbs)
    assert [(each.state, each.mended_how) for each in await office.findings()] == [(State.OPEN, None)]
    await mend(severe.id, "And somebody keeps the key.", by=office.manager, **office.verbs)
    await close(severe.id, by=office.perry, **office.verbs)
    assert {each.closed_by for each in await office.findings(closed=True)} == {office.manager.id, office.perry.id}
    with pytest.raises(FindingMovedOn):
        await send_back(severe.id, by=office.manager, **office.verbs)


async def test_the_database_begins_a_finding_as_open_and_leaves_a_closed_one_alone(office: Office) -> None:
    await office.watches()
    await _holds(office, "access", _wrong(office, "minor"))
    (found,) = await office.findings()
    signed = {"closed_by": office.manager.id, "closed_at": office.clock.now()}
    mended = {"mended_by": office.perry.id, "mended_at": office.clock.now(), "mended_how": "Locked."}
    with pytest.raises(ConstraintBroken, match="audit_finding_along_its_arrows"):
        async with office.web.transaction() as tx:
            await store.move_finding(tx, found.id, State.CLOSED, **mended, **signed)
    with pytest.raises(ConstraintBroken, match="audit_finding_begins_open"):
        async with office.web.transaction() as tx:
            done = replace(found, id=new_id(), state=State.CLOSED, **mended, **signed)
            await store.add_findings(tx, [done])
    await mend(found.id, "Locked.", by=office.perry, **office.verbs)
    await close(found.id, by=office.manager, **office.verbs)
    with pytest.raises(ConstraintBroken, match="audit_finding_along_its_arrows"):
        async with office.web.transaction() as tx:
            again = dict.fromkeys((*mended, *signed))
            await store.move_finding(tx, found.id, State.OPEN, **again)


async def test_whoever_was_to_hold_an_audit_and_left_is_written_to_no_more(office: Office) -> None:
    await office.watches()
    plan = (await office.plans())["access"]
    asked = Asked(title="Access", clauses=["C8"], months=1, auditor_id=office.otto.id)
    await change_plan(plan.id, asked, by=office.manager, **office.verbs)
    await leave(office.otto.id, by=office.manager, **office.verbs)
    office.clock.advance(days=40)
    await office.watches()

    assert await office.letters(office.otto) == []
    assert ["audit", "overdue"] in await office.letters(office.manager)


async def test_who_does_not_act_for_the_manager_holds_no_audit(office: Office) -> None:
    await office.watches()
    with pytest.raises(RoleForbids):
        await _holds(office, "access", by=office.otto)
    audit_id = await _holds(office, "access")
    async with office.web.transaction() as tx:
        for each in await held_by(tx, office.perry.id, now=office.clock.now()):
            await revoke_in(tx, each.id, by=office.manager, now=office.clock.now())
    for refused in (_holds(office, "access"), _adds(office, audit_id)):
        with pytest.raises(NotDesignated):
            await refused
    with pytest.raises(ConstraintBroken, match="audit_held_by_who_acts"):
        async with office.web.transaction() as tx:
            row = {"id": new_id(), "plan": (await _any_plan(office)).id, "who": office.perry.id}
            held = "INSERT INTO audit_held (id, plan_id, held_on, held_by, recorded_at, result)"
            values = "VALUES (:id, :plan, '2026-11-02', :who, :now, 'Fine.')"
            types = [sa.bindparam(name, type_=sa.Uuid) for name in row]
            at = sa.bindparam("now", type_=sa.DateTime(timezone=True))
            await tx.execute(sa.text(f"{held} {values}").bindparams(*types, at), row | {"now": office.clock.now()})


async def _any_plan(office: Office) -> Any:
    return (await office.plans())["access"]


async def _adds(office: Office, audit_id: Any) -> None:
    await add_finding(audit_id, _wrong(office), by=office.perry, **office.verbs)


async def test_the_manager_changes_how_often_and_by_whom_and_never_leaves_safeguards_without_an_audit(
    office: Office,
) -> None:
    await office.watches()
    plans = await office.plans()
    made = await plan_audit(EVERY_YEAR, by=office.manager, **office.verbs)
    asked = {"title": "Access", "clauses": ["C8"], "months": 1}
    await change_plan(plans["access"].id, Asked(**asked, auditor_id=office.otto.id), by=office.manager, **office.verbs)
    for key in ("paper", "privacy"):
        stop = Asked(title="x", clauses=plans[key].clauses, months=6, going_on=False)
        await change_plan(plans[key].id, stop, by=office.manager, **office.verbs)

    with pytest.raises(LastPlan):
        await change_plan(plans["access"].id, Asked(**asked, going_on=False), by=office.manager, **office.verbs)
    with pytest.raises(LastPlan):
        elsewhere = Asked(title="Access", clauses=["C9"], months=1)
        await change_plan(plans["access"].id, elsewhere, by=office.manager, **office.verbs)
    with pytest.raises(RoleForbids):
        await plan_audit(EVERY_YEAR, by=office.perry, **office.verbs)
    with pytest.raises(NotFound):
        await change_plan(new_id(), EVERY_YEAR, by=office.manager, **office.verbs)
    after = await office.plans()
    assert (after["access"].due_on, after["access"].auditor_id) == (made.planned_on.replace(month=12), office.otto.id)
    office.clock.advance(days=400)
    await office.watches()
    assert ["audit", "overdue"] in await office.letters(office.otto)
    assert {name for name in await office.red() if name.startswith("audits")} == {"audits_C8", "audits_C15"}


async def test_what_is_missing_is_said_of_every_field_at_once(office: Office) -> None:
    await office.watches()
    plan = (await office.plans())["access"]
    with pytest.raises(Invalid) as refused:
        found = [Found(clause="C99", severity="bad", words=" ", follow_up_by=None), _wrong(office, days=31)]
        await hold_audit(
            plan.id, shop_date(office.clock.now()) + timedelta(days=1), "", found, by=office.perry, **office.verbs
        )
    assert set(refused.value.problems) == {
        "/held_on", "/result", "/findings/0/words", "/findings/0/clause", "/findings/0/severity",
        "/findings/1/follow_up_by",
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        await plan_audit(Asked(title="", clauses=[], months=25, auditor_id=None), by=office.manager, **office.verbs)
    assert set(refused.value.problems) == {"/title", "/clauses", "/months"}
    with pytest.raises(Invalid):
        await mend(new_id(), " ", by=office.manager, **office.verbs)


async def test_letters_say_what_is_due_and_are_not_sent_about_what_is_done(office: Office, clone: Clone) -> None:
    """As the worker that sends them has it, with no more rights than that."""
    await office.watches()
    await _holds(office, "access", _wrong(office))
    office.clock.advance(days=80)
    await office.watches()
    worker = Database(clone.url(WORKER), pool_size_max=2, application="test worker")
    async with office.db.snapshot() as tx:
        rows = (await tx.execute(sa.select(task).where(task.c.topic == "send_mail").order_by(task.c.id))).all()
    texts: list[str | None] = []
    for row in (each for each in rows if each.arguments["subject"] == str(office.manager.id)):
        async with worker.direct() as pg:
            message = await begin(pg, SendMail.parse(row.arguments), Held(row.id, row.topic, row.arguments, 1, row.id))
        assert message is not None
        async with worker.snapshot() as tx:
            given = {"vault": office.door.vault, "public_url": "https://shop.test", "now": office.clock.now()}
            letter = await compose(tx, message, **given)
        texts.append(letter.text if letter else None)
    await worker.close()

    assert [bool(text) for text in texts] == [True] * len(texts)
    joined = "\n".join(text or "" for text in texts)
    for words in (
        "the review of who may do what, of 2026-Q4",
        "“Who may do what, and the safeguards",
        "about C8 had to",
    ):
        assert words in joined
    async with office.db.snapshot() as tx:
        assert (await tx.scalar(sa.text("SELECT count(*) FROM mail WHERE kind = 'audit_due'"))) == len(texts)
