"""Write down what came by e-mail or by post, as of when it reached the office (C12, E82)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kalecart.clock import Clock
from kalecart.complaints.append import append_scan
from kalecart.complaints.complaint import PAPER_BYTES_MAX, Channel, Written
from kalecart.complaints.lodge import Arrived, Lodged, Person, lodge, person_by_email
from kalecart.correspondents import store as correspondents
from kalecart.customers.contact import parse_email, parse_name
from kalecart.customers.problems import Problems
from kalecart.database import Database
from kalecart.paper.category import Category
from kalecart.paper.file import Filed, Whom, put
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault

# Older is a slip of the pen, and would be late from its first minute.
ENTERED_AFTER_MAX: Final = timedelta(days=2 * 365)
POSTAL_LENGTH_MAX: Final = 500


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What came. `scan` is a picture or a PDF of the letter and its envelope, `cabinet_id` where the letter itself is
    put, and None where it is not kept."""

    channel: str
    received_at: datetime | None
    written: Written
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
        if email:
            person = await person_by_email(tx, email, name or None, vault=vault, now=now)
        else:
            kept = await correspondents.keep_on_paper(tx, name, source="complaint", vault=vault, now=now)
            person = Person(correspondent_id=kept, on_paper=True)
        lodged = await lodge(tx, paper.written, person, arrived, vault=vault, now=now)
        if paper.scan:
            await append_scan(tx, lodged.complaint, paper.scan, by=by.id, vault=vault, now=now)
        if paper.cabinet_id:
            whom: Whom = ("customer_id" if person.customer_id else "correspondent_id", person.id)
            await put(tx, Filed(what=Category.COMPLAINT, cabinet_id=paper.cabinet_id), whom, by=by, now=now)
    return lodged


def _parse(paper: Paper, by: StaffMember, *, opened_at: datetime, now: datetime) -> tuple[str, str, Arrived]:
    problems = Problems()
    if paper.channel not in (Channel.MAIL, Channel.POST):
        problems.refuse("/channel", "Say how it came: by e-mail or by post.")
    name = problems.take("/name", parse_name, paper.name, instead="") if paper.name.strip() else ""
    email = problems.take("/email", parse_email, paper.email, instead="") if paper.email.strip() else ""
    if not paper.email.strip() and not (name and paper.postal.strip()):
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
    )
    return name, email, arrived
