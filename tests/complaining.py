"""Complaints as tests make them: lodged, handed on, answered by a letter that goes out or comes back."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kalecart.complaints import reads, store
from kalecart.complaints.answer import OnPaper, answer
from kalecart.complaints.complain import Form, complain
from kalecart.complaints.complaint import Complaint, Findings, Written
from kalecart.complaints.enter import Paper, enter
from kalecart.complaints.lodge import Lodged
from kalecart.complaints.tables import complaint_answer, complaint_step
from kalecart.complaints.watch import watch_complaints
from kalecart.ids import CustomerId, StaffId
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.tasks import task
from tests.clock import START
from tests.people import PASSWORD, Door

WRITTEN = Written.parse(["My address was read out loud at my neighbour's door."], "")
FOUND = Findings(findings="The driver read the label out.", steps="Labels show a number only.")


async def a_member(door: Door, role: Role) -> StaffMember:
    new = NewStaff(name="Sam Staff", email=f"{role}@example.com", password=PASSWORD, role=role)
    added = await add_staff(new, db=door.db, vault=door.vault, clock=door.clock)
    return StaffMember(id=StaffId(added), role=role)


async def complains(
    door: Door, written: Written = WRITTEN, *, customer_id: CustomerId | None = None, **but: Any
) -> Lodged:
    form = Form(**({"written": written, "name": "Bea Quince", "email": "bea.quince@example.org"} | but))
    given = {"db": door.db, "vault": door.vault, "clock": door.clock, "allowances": door.allowances}
    return await complain(form, "203.0.113.7", customer_id=customer_id, **given)  # ty: ignore[invalid-argument-type]


async def on_paper(door: Door, by: StaffMember, written: Written = WRITTEN, **but: object) -> Complaint:
    """It reached the office two days ago."""
    facts = {"channel": "post", "received_at": START - timedelta(days=2), "written": written, "name": "Bea Quince"}
    paper = Paper(**(facts | {"postal": "1 Main St.\nLos Angeles, CA 90012"} | but))  # ty: ignore[invalid-argument-type]
    given = {"opened_at": START - timedelta(days=90), "db": door.db, "vault": door.vault, "clock": door.clock}
    return (await enter(paper, by=by, **given)).complaint


async def case_of(door: Door, case: Complaint) -> Complaint:
    async with door.db.snapshot() as tx:
        return await reads.find(tx, case.id)


async def answers(
    door: Door, case: Complaint, by: StaffMember, *, on_paper: OnPaper | None = None, posted_at: datetime | None = None
) -> None:
    """By e-mail, on paper, or on paper that was `posted_at` already."""
    way = OnPaper(posted_at=posted_at) if posted_at else on_paper
    await answer(case.id, FOUND, on_paper=way, by=by, db=door.db, vault=door.vault, clock=door.clock)


async def letter_went_out(door: Door, case: Complaint) -> None:
    async with door.db.transaction() as tx:
        newest = sa.select(complaint_answer.c.id).where(complaint_answer.c.complaint_id == case.id)
        answer_id = await tx.scalar(newest.order_by(complaint_answer.c.signed_at.desc()).limit(1))
        assert answer_id is not None
        await store.answer_sent(tx, answer_id, now=door.clock.now())


async def letter_came_back(door: Door, case: Complaint) -> None:
    async with door.db.transaction() as tx:
        newest = sa.select(complaint_answer.c.id).where(complaint_answer.c.complaint_id == case.id)
        answer_id = await tx.scalar(newest.order_by(complaint_answer.c.signed_at.desc()).limit(1))
        assert answer_id is not None
        await store.answer_bounced(tx, answer_id, now=door.clock.now())


async def steps_of(door: Door, case: Complaint) -> list[tuple[str, bool]]:
    """Each step, and whether it happened when it was due."""
    async with door.db.snapshot() as tx:
        mine = sa.select(complaint_step).where(complaint_step.c.complaint_id == case.id)
        rows = await tx.execute(mine.order_by(complaint_step.c.due_at))
        return [(row.step, row.happened_at - row.due_at < timedelta(hours=6)) for row in rows]


async def letters_to(door: Door, who: StaffMember) -> list[str]:
    """The steps a member of staff was told of, by the letters that were promised to them."""
    async with door.db.snapshot() as tx:
        rows = await tx.scalars(sa.select(task.c.arguments).where(task.c.topic == "send_mail"))
        mine = [row for row in rows if row["kind"] == "complaint_due" and row["subject"] == str(who.id)]
        letters = [datetime.fromisoformat(row["occasion"]) for row in mine]
        named = complaint_step.c.told.contains([who.id]) & complaint_step.c.happened_at.in_(letters)
        of_them = sa.select(complaint_step.c.step).where(named)
        return list(await tx.scalars(of_them.order_by(complaint_step.c.happened_at, complaint_step.c.due_at)))


async def watches(door: Door) -> int:
    return await watch_complaints(None, db=door.db, clock=door.clock)
