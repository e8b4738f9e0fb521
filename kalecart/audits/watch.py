"""Open the review of each quarter, and notice what of reviews, audits and findings is due or overdue (C8).

Nothing becomes true here: what is overdue is so by its day, noticed or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from kalecart import controls, tasks
from kalecart.alerts import keep_alerts
from kalecart.audits import reads, store
from kalecart.audits.plan import ALWAYS, CLAUSES, Standing, standing
from kalecart.audits.review import counted_from, first_day, following, quarter_of, to_open
from kalecart.clock import Clock, known_on, shop_date
from kalecart.database import Database, Tx
from kalecart.deadline import due_by
from kalecart.ids import StaffId
from kalecart.jobs import MailKind, SendMail
from kalecart.staff import reads as staff
from kalecart.staff.designation import RESPONSIBLE

REVIEW, AUDIT, FINDING = "review", "audit", "finding"
ALERTS: Final = {REVIEW: "review_overdue", AUDIT: "audit_overdue", FINDING: "finding_overdue"}
REVIEWED: Final = "access_reviews"
OPEN_MAX: Final = 10_000
# What is found is news, and otherwise on record once a day.
RECORDED_EVERY: Final = timedelta(hours=20)


@dataclass(frozen=True, kw_only=True)
class Due:
    """Something to be done by the end of a day, and who hears of it when that nears and when it is over."""

    kind: str
    subject: str
    clauses: Sequence[str]
    due_on: date
    tells: Sequence[StaffId]

    def occasion(self, stage: Standing) -> str:
        return f"{self.kind}:{self.subject}:{self.due_on}:{stage}"


async def watch_audits(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """Returns how many letters are promised. Run late, twice or by two at once it comes to the same."""
    async with db.transaction() as tx:
        now = clock.now()
        await store.begin_plans(tx, today=shop_date(now), now=now)
        await _open_reviews(tx, now=now)
        found = await _due(tx, now=now)
        letters = await _letters(tx, found, now=now)
        await tasks.promise_each(tx, letters, now=now)
        await _look(tx, found, now=now)
        await tasks.finish(tx, held, now=now)
    return len(letters)


async def _open_reviews(tx: Tx, *, now: datetime) -> None:
    """That of this quarter; of one that went by with nobody awake there is a row without lines: it was not held."""
    began = await reads.began_at(tx)
    if began is None:
        return
    this = quarter_of(shop_date(now))
    for quarter in to_open(await reads.last_quarter(tx), this):
        day = counted_from(quarter, began=min(shop_date(began), first_day(following(quarter)) - timedelta(days=1)))
        review_id = await store.open_review(tx, quarter, due_at=due_by(known_on(day, now)), now=now)
        if review_id is not None and quarter == this:
            await store.add_lines(tx, review_id, now=now)


async def _due(tx: Tx, *, now: datetime) -> Sequence[Due]:
    managers = await staff.of_role(tx, RESPONSIBLE)
    acting = await staff.who_may(tx, "access:review", now)
    due = [
        Due(kind=REVIEW, subject=str(each.id), clauses=(ALWAYS,), due_on=each.due_on, tells=acting)
        for each in await reads.reviews(tx, now=now)
        if each.left
    ]
    for plan in await reads.plans(tx):
        if plan.stopped_at is None:
            here = plan.auditor_id is not None and await staff.role_here(tx, plan.auditor_id) is not None
            tells = list(dict.fromkeys([plan.auditor_id, *managers] if here and plan.auditor_id else managers))
            due.append(Due(kind=AUDIT, subject=str(plan.id), clauses=plan.clauses, due_on=plan.due_on, tells=tells))
    for each in await reads.findings(tx, closed=False, most=OPEN_MAX):
        by = each.follow_up_by
        due.append(Due(kind=FINDING, subject=str(each.id), clauses=(each.clause,), due_on=by, tells=managers))
    return due


async def _letters(tx: Tx, found: Sequence[Due], *, now: datetime) -> Sequence[SendMail]:
    """To each of them once when it begins, nears its end, and is over; of an audit not months before."""
    told = await reads.told(tx, sorted({who for each in found for who in each.tells}))
    wanted = [
        (who, each.occasion(stage))
        for each in found
        if (stage := standing(each.due_on, now)) is not Standing.ON_TIME or each.kind != AUDIT
        for who in each.tells
    ]
    return [
        SendMail(kind=MailKind.AUDIT_DUE, subject=who, occasion=occasion)
        for who, occasion in wanted
        if (who, occasion) not in told
    ]


async def _look(tx: Tx, found: Sequence[Due], *, now: datetime) -> None:
    overdue = [each for each in found if standing(each.due_on, now) is Standing.OVERDUE]
    for kind, alert in ALERTS.items():
        await keep_alerts(tx, alert, {each.subject for each in overdue if each.kind == kind}, now=now)
    reviews = [each for each in overdue if each.kind == REVIEW]
    seen = {REVIEWED: (not reviews, f"{len(reviews)} reviews of access overdue")}
    for clause in CLAUSES:
        late = [each for each in overdue if each.kind != REVIEW and clause in each.clauses]
        seen[f"audits_{clause}"] = (not late, f"{len(late)} audits or findings overdue")
    await controls.record_each_sometimes(tx, seen, now=now, every=RECORDED_EVERY)
