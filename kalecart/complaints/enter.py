"""Write down what came by e-mail or by post, as of when it reached the office (C12, E82).

What names an earlier complaint by its number belongs to that: it is added as long as that is open, and afterwards opens
a case of its own, which continues it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kalecart import tombstones
from kalecart.clock import Clock
from kalecart.complaints import reads, store
from kalecart.complaints.append import append_scan, append_text
from kalecart.complaints.complaint import (
    ADDITIONS_MAX,
    PAPER_BYTES_MAX,
    POSTAL_LENGTH_MAX,
    Channel,
    Complaint,
    Written,
)
from kalecart.complaints.hand_on import on_record, refuse_whom_it_is_about
from kalecart.complaints.lodge import Arrived, Lodged, Person, lodge, lodged_before, person_by_email
from kalecart.correspondents import store as correspondents
from kalecart.customers.contact import parse_email, parse_name
from kalecart.customers.problems import Problems
from kalecart.database import Database, Tx
from kalecart.errors import Invalid
from kalecart.paper.category import Category
from kalecart.paper.file import Filed, Whom, put
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault

# Older is a slip of the pen, and would be late from its first minute.
ENTERED_AFTER_MAX: Final = timedelta(days=2 * 365)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What came. `scan` is a picture or a PDF of the letter and its envelope, `cabinet_id` where the letter itself is
    put, and None where it is not kept. Whose `number` is known needs neither name nor address;
    `made` is the id the form gives it."""

    channel: str
    received_at: datetime | None
    written: Written
    number: str = ""
    made: UUID | None = None
    name: str = field(repr=False, default="")
    email: str = field(repr=False, default="")
    postal: str = field(repr=False, default="")
    scan: bytes = field(repr=False, default=b"")
    about_manager: bool = False
    cabinet_id: UUID | None = None


async def enter(
    paper: Paper, *, by: StaffMember, opened_at: datetime, db: Database, vault: Vault, clock: Clock
) -> Lodged:
    """`opened_at` is when the shop began: nothing reached it before. Raises RoleForbids, NotDesignated, and
    Invalid with every field's problem."""
    by.require("complaints:act")
    now = clock.now()
    name, email, arrived = _parse(paper, by, opened_at=opened_at, now=now)
    async with db.transaction() as tx:
        await staff.require_designated(tx, by, Scope.COMPLAINTS, now=now)
        if before := await lodged_before(tx, paper.made, vault):
            return before
        if paper.number.strip():
            lodged = await _about_earlier(tx, paper, arrived, by, vault=vault, now=now)
            person = _person_of(lodged.complaint)
        else:
            person = await _person(tx, name, email, vault=vault, now=now)
            lodged = await lodge(tx, paper.written, person, arrived, vault=vault, now=now)
        if paper.scan:
            await append_scan(tx, lodged.complaint, paper.scan, by=by.id, vault=vault, now=now)
        if paper.cabinet_id:
            whom: Whom = ("customer_id" if person.customer_id else "correspondent_id", person.id)
            await put(tx, Filed(what=Category.COMPLAINT, cabinet_id=paper.cabinet_id), whom, by=by, now=now)
    return lodged


async def _person(tx: Tx, name: str, email: str, *, vault: Vault, now: datetime) -> Person:
    if email:
        return await person_by_email(tx, email, name or None, vault=vault, now=now)
    kept = await correspondents.keep_on_paper(tx, name, source="complaint", vault=vault, now=now)
    return Person(correspondent_id=kept, on_paper=True)


def _person_of(case: Complaint) -> Person:
    return Person(customer_id=case.customer_id, correspondent_id=case.correspondent_id, on_paper=case.on_paper)


async def _about_earlier(
    tx: Tx, paper: Paper, arrived: Arrived, by: StaffMember, *, vault: Vault, now: datetime
) -> Lodged:
    """An addition has no code: its complaint has one."""
    case = await _latest(tx, paper.number.strip().upper())
    if case is None or await tombstones.is_erased(tx, case.person_id):
        raise Invalid({"/number": "No complaint of anybody we know has this number."})
    refuse_whom_it_is_about(case, by)
    if arrived.received_at < case.received_at:
        raise Invalid({"/received_at": f"Complaint {case.number} reached us later than that."})
    if not case.open:
        about_manager = arrived.about_manager or case.against is not None
        postal = arrived.postal or await reads.postal_of(tx, case, vault)
        again = replace(arrived, previous_id=case.id, about_manager=about_manager, postal=postal)
        return await lodge(tx, paper.written, _person_of(case), again, vault=vault, now=now)
    if await reads.additions(tx, case.id) + bool(paper.scan) >= ADDITIONS_MAX:
        raise Invalid(
            {"/number": f"{ADDITIONS_MAX} additions are kept with one complaint. Write this down as another."}
        )
    text = "\n".join((*paper.written.concerns, paper.written.text))
    await append_text(tx, case, text, made=paper.made, vault=vault, now=now)
    await on_record(tx, "complaint_added", case, by, now=now)
    return Lodged(complaint=case, code="")


async def _latest(tx: Tx, number: str) -> Complaint | None:
    """The last of the cases that continue the one with this number, locked."""
    case = await store.lock_by_number(tx, number)
    while case is not None and (further := await reads.further(tx, case.id)):
        case = await store.lock(tx, further)
    return case


def _parse(paper: Paper, by: StaffMember, *, opened_at: datetime, now: datetime) -> tuple[str, str, Arrived]:
    problems = Problems()
    if paper.channel not in (Channel.MAIL, Channel.POST):
        problems.refuse("/channel", "Say how it came: by e-mail or by post.")
    name = problems.take("/name", parse_name, paper.name, instead="") if paper.name.strip() else ""
    email = problems.take("/email", parse_email, paper.email, instead="") if paper.email.strip() else ""
    if not paper.number.strip() and not paper.email.strip() and not (name and paper.postal.strip()):
        problems.refuse("/postal", "Enter an e-mail address, or a name and where to write to: the answer needs a way.")
    if len(paper.postal) > POSTAL_LENGTH_MAX:
        problems.refuse("/postal", f"It may have up to {POSTAL_LENGTH_MAX} characters.")
    if len(paper.scan) > PAPER_BYTES_MAX:
        problems.refuse("/scan", f"It may have up to {PAPER_BYTES_MAX // 1024 // 1024} MB. Scan it in parts.")
    first = max(opened_at, now - ENTERED_AFTER_MAX)
    if paper.received_at is None or not first <= paper.received_at <= now:
        problems.refuse("/received_at", "Say when it reached us: today or before, and since the shop opened.")
    problems.raise_any()
    assert paper.received_at is not None
    arrived = Arrived(
        channel=Channel(paper.channel),
        received_at=paper.received_at,
        about_manager=paper.about_manager,
        entered_by=by.id,
        postal=paper.postal.strip(),
        made=paper.made,
    )
    return name, email, arrived
