"""Complaints as pages, letters and the clock need them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart import tombstones
from kalecart.clock import shop_date
from kalecart.complaints.complaint import Complaint
from kalecart.complaints.ladder import DEFAULT, Step, step_of
from kalecart.complaints.reads_post import TO_POST
from kalecart.complaints.store import FIELDS, complaint_of
from kalecart.complaints.tables import (
    complaint,
    complaint_addition,
    complaint_answer,
    complaint_assignment,
    complaint_concern,
    complaint_ladder,
    complaint_step,
)
from kalecart.correspondents import reads as correspondents
from kalecart.correspondents.source import NAMELESS
from kalecart.customers import reads as customers
from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.ids import ComplaintId, CorrespondentId, CustomerId, StaffId
from kalecart.vault import DataKey, Place, Vault, key_of

BOARD_ROWS: Final = 50


async def ladder(tx: Tx) -> Sequence[Step]:
    """The steps that hold: what the owner wrote last, or those the shop begins with."""
    latest = sa.select(complaint_ladder.c.steps).order_by(
        complaint_ladder.c.made_at.desc(), complaint_ladder.c.id.desc()
    )
    steps = await tx.scalar(latest.limit(1))
    return DEFAULT if steps is None else tuple(step_of(step) for step in steps)


async def board(
    tx: Tx, *, after: ComplaintId | None = None, handler_id: StaffId | None = None, to_post: bool = False
) -> Sequence[Complaint]:
    """Open complaints, the nearest to its end first; `after` is the last row of the page before, and `to_post` says
    that only those are wanted about which a letter has to be posted."""
    wanted = sa.select(*FIELDS).where(complaint.c.answered_at.is_(None))
    if after is not None:
        last = await find(tx, after)
        wanted = wanted.where(sa.tuple_(complaint.c.due_at, complaint.c.id) > sa.tuple_(last.due_at, last.id))
    if handler_id is not None:
        wanted = wanted.where(complaint.c.handler_id == handler_id)
    if to_post:
        wanted = wanted.where(TO_POST)
    rows = await tx.execute(wanted.order_by(complaint.c.due_at, complaint.c.id).limit(BOARD_ROWS))
    return [complaint_of(row) for row in rows.mappings()]


async def late(tx: Tx, now: datetime) -> int:
    """How many are open beyond their thirty days."""
    over = sa.select(sa.func.count()).where(complaint.c.answered_at.is_(None), complaint.c.due_at <= now)
    return int(await tx.scalar(over) or 0)


async def any_due(tx: Tx, now: datetime) -> bool:
    """Whether a step of any open complaint has begun and nobody has looked since."""
    due = sa.select(complaint.c.id).where(complaint.c.answered_at.is_(None), complaint.c.look_at <= now)
    return bool(await tx.scalar(sa.select(due.exists())))


async def find(tx: Tx, complaint_id: ComplaintId) -> Complaint:
    row = (await tx.execute(sa.select(*FIELDS).where(complaint.c.id == complaint_id))).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such complaint.")
    return complaint_of(row)


async def find_by_code(tx: Tx, number: str, code_hash: bytes) -> Complaint | None:
    """For whoever has no account: the number and the code of their letter."""
    mine = (complaint.c.number == number) & (complaint.c.code_hash == code_hash)
    row = (await tx.execute(sa.select(*FIELDS).where(mine))).mappings().one_or_none()
    return complaint_of(row) if row else None


async def of_customer(tx: Tx, customer_id: CustomerId) -> Sequence[Complaint]:
    """Their complaints, the latest first."""
    mine = sa.select(*FIELDS).where(complaint.c.customer_id == customer_id)
    return [complaint_of(row) for row in (await tx.execute(mine.order_by(complaint.c.received_at.desc()))).mappings()]


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a timeline: `what` is a code that pages have words for.

    A step is `at` the instant at which it fell due, `noticed_at` tells when it was taken, and `told` which members of
    staff were told: nobody where a later step was taken at the same time.
    """

    at: datetime
    what: str
    noticed_at: datetime | None = None
    told: Sequence[StaffId] = ()


@dataclass(frozen=True, kw_only=True)
class Answered:
    """`sent_at` is None while its letter waits; `bounced_at` says that it came back."""

    id: UUID
    channel: str
    signed_at: datetime
    sent_at: datetime | None
    bounced_at: datetime | None
    findings: str = field(repr=False)
    steps: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A complaint with everything in it, opened with its person's key; of whoever was `erased`, nothing they wrote.

    `name` is empty where none was given, and where no letter goes to a `postal` address.
    """

    complaint: Complaint
    erased: bool
    name: str = field(repr=False)
    text: str = field(repr=False)
    postal: str = field(repr=False)
    explanation: str = field(repr=False)
    concerns: Sequence[str] = field(repr=False)
    additions: Sequence[tuple[datetime, str]] = field(repr=False)
    scans: Sequence[tuple[datetime, UUID]]
    answers: Sequence[Answered]
    timeline: Sequence[Event]

    @property
    def to_post(self) -> Answered | None:
        """The answer that waits to be printed and posted: the last that was signed."""
        last = self.answers[-1] if self.answers else None
        waits = last and last.channel == "post" and last.sent_at is None
        return last if waits and self.complaint.open and not self.erased else None

    @property
    def unexplained(self) -> Answered | None:
        """The answer that was posted before it was explained why it is late, or on that day: it may not say so."""
        last, explained_at = self.answers[-1] if self.answers else None, self.complaint.explained_at
        if last is None or last.channel != "post" or last.sent_at is None or last.bounced_at or self.erased:
            return None
        return last if explained_at and shop_date(last.sent_at) <= shop_date(explained_at) else None


async def opened(tx: Tx, case: Complaint, vault: Vault) -> Opened:
    """`additions` are texts; scans are opened one by one."""
    erased = await tombstones.is_erased(tx, case.person_id)
    key = None if erased else await key_of(tx, case.person_id, vault)

    def text(table: str, column: str, row: UUID, sealed: bytes | None) -> str:
        return key.open(sealed, Place(table, column, row)) if key and sealed else ""

    mine = (await tx.execute(sa.select(complaint).where(complaint.c.id == case.id))).one()
    concerns = await _rows(tx, complaint_concern, case.id, complaint_concern.c.position)
    additions = await _rows(tx, complaint_addition, case.id, complaint_addition.c.added_at)
    answers = await _rows(tx, complaint_answer, case.id, complaint_answer.c.signed_at, complaint_answer.c.id)
    name = await name_of(tx, case, vault) if key and mine.postal_sealed else NAMELESS
    return Opened(
        complaint=case,
        erased=erased,
        name="" if name == NAMELESS else name,
        text=text("complaint", "text_sealed", case.id, mine.text_sealed),
        postal=text("complaint", "postal_sealed", case.id, mine.postal_sealed),
        explanation=text("complaint", "explanation_sealed", case.id, mine.explanation_sealed),
        concerns=[text("complaint_concern", "text_sealed", row.id, row.text_sealed) for row in concerns],
        additions=[
            (row.added_at, text("complaint_addition", "content_sealed", row.id, row.content_sealed))
            for row in additions
            if row.kind == "text"
        ],
        scans=[(row.added_at, row.id) for row in additions if row.kind == "scan" and row.content_sealed],
        answers=[_answered(row, key) for row in answers],
        timeline=await _timeline(tx, case, answers, additions),
    )


def _answered(row: Any, key: DataKey | None) -> Answered:
    def text(column: str) -> str:
        sealed = getattr(row, column)
        return key.open(sealed, Place("complaint_answer", column, row.id)) if key and sealed else ""

    return Answered(
        id=row.id,
        channel=row.channel,
        signed_at=row.signed_at,
        sent_at=row.sent_at,
        bounced_at=row.bounced_at,
        findings=text("findings_sealed"),
        steps=text("steps_sealed"),
    )


async def answer_in(tx: Tx, case: Complaint, answer_id: UUID, vault: Vault) -> Answered:
    """One answer and nothing else of the case, for whoever writes the letter: what people wrote is not theirs to open.

    Its person was not erased.
    """
    row = (await tx.execute(sa.select(complaint_answer).where(complaint_answer.c.id == answer_id))).one()
    return _answered(row, await key_of(tx, case.person_id, vault))


async def scan(tx: Tx, case: Complaint, scan_id: UUID, vault: Vault) -> str:
    """One scan of a case, in base64. Raises NotFound, also where its person was erased."""
    mine = (complaint_addition.c.id == scan_id) & (complaint_addition.c.complaint_id == case.id)
    kept = sa.select(complaint_addition.c.content_sealed).where(mine, complaint_addition.c.kind == "scan")
    sealed = await tx.scalar(kept)
    if not sealed:
        raise NotFound("There is no such scan.")
    key = await key_of(tx, case.person_id, vault)
    return key.open(sealed, Place("complaint_addition", "content_sealed", scan_id))


async def _rows(tx: Tx, table: sa.Table, complaint_id: ComplaintId, *order: Any) -> Sequence[Any]:
    return (await tx.execute(sa.select(table).where(table.c.complaint_id == complaint_id).order_by(*order))).all()


async def _timeline(tx: Tx, case: Complaint, answers: Sequence[Any], additions: Sequence[Any]) -> Sequence[Event]:
    steps = await _rows(tx, complaint_step, case.id, complaint_step.c.happened_at)
    handlers = await _rows(tx, complaint_assignment, case.id, complaint_assignment.c.at)
    events = [Event(at=case.received_at, what="received")]
    events += [Event(at=row.due_at, what=row.step, noticed_at=row.happened_at, told=row.told) for row in steps]
    events += [Event(at=row.at, what="assigned") for row in handlers]
    events += [Event(at=row.added_at, what="added") for row in additions]
    events += [Event(at=row.signed_at, what="signed") for row in answers]
    events += [Event(at=row.sent_at, what="answered") for row in answers if row.sent_at]
    events += [Event(at=row.bounced_at, what="bounced") for row in answers if row.bounced_at]
    if case.acknowledged_at:
        events.append(Event(at=case.acknowledged_at, what="acknowledged"))
    if case.explained_at:
        events.append(Event(at=case.explained_at, what="explained"))
    return sorted(events, key=lambda event: event.at)


async def additions(tx: Tx, complaint_id: ComplaintId) -> int:
    """How many there are."""
    mine = sa.select(sa.func.count()).where(complaint_addition.c.complaint_id == complaint_id)
    return int(await tx.scalar(mine) or 0)


async def further(tx: Tx, complaint_id: ComplaintId) -> ComplaintId | None:
    """The case that continues this one."""
    found = await tx.scalar(sa.select(complaint.c.id).where(complaint.c.previous_id == complaint_id))
    return ComplaintId(found) if found else None


async def lodged_since(tx: Tx, person_id: UUID, since: datetime) -> int:
    """How many complaints of one person were written down since."""
    theirs = (complaint.c.customer_id == person_id) | (complaint.c.correspondent_id == person_id)
    lodged = sa.select(sa.func.count()).where(theirs, complaint.c.recorded_at > since)
    return int(await tx.scalar(lodged) or 0)


async def code_of(tx: Tx, case: Complaint, vault: Vault) -> str:
    """What opens its page, for the letter that tells it."""
    sealed = await tx.scalar(sa.select(complaint.c.code_sealed).where(complaint.c.id == case.id))
    if not sealed:
        raise NotFound("There is no such complaint.")
    return (await key_of(tx, case.person_id, vault)).open(sealed, Place("complaint", "code_sealed", case.id))


async def name_of(tx: Tx, case: Complaint, vault: Vault) -> str:
    """Whose complaint it is, as a letter greets them."""
    if case.customer_id is not None:
        return (await customers.reach_of(tx, case.customer_id, vault)).name
    return (await correspondents.reach_of(tx, CorrespondentId(case.person_id), vault)).name


async def postal_of(tx: Tx, case: Complaint, vault: Vault) -> str:
    """Where to write to on paper, if they said so."""
    sealed = await tx.scalar(sa.select(complaint.c.postal_sealed).where(complaint.c.id == case.id))
    if not sealed:
        return ""
    return (await key_of(tx, case.person_id, vault)).open(sealed, Place("complaint", "postal_sealed", case.id))


async def of_answer(tx: Tx, answer_id: UUID) -> ComplaintId | None:
    """Which complaint an answer is of."""
    found = await tx.scalar(sa.select(complaint_answer.c.complaint_id).where(complaint_answer.c.id == answer_id))
    return ComplaintId(found) if found else None
