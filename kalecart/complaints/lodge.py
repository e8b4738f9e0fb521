"""Write a complaint down, whoever brings it: sealed with the person's own key, and due thirty days after it arrived."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kalecart import audit, tasks
from kalecart.complaints import reads, store
from kalecart.complaints.complaint import Channel, Complaint, Written
from kalecart.correspondents import store as correspondents
from kalecart.customers import store as customers
from kalecart.customers.contact import email_key
from kalecart.database import Tx
from kalecart.deadline import due_by
from kalecart.ids import (
    ComplaintId,
    CorrespondentId,
    CustomerId,
    StaffId,
    new_code,
    new_id,
    new_order_number,
    plain_code,
)
from kalecart.jobs import MailKind, SendMail
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.rights import Role
from kalecart.vault import DataKey, Place, Vault, key_of


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who complains: a customer, or whoever can be reached by e-mail, or `on_paper` alone, where staff posts what is
    otherwise written by mail."""

    customer_id: CustomerId | None = None
    correspondent_id: CorrespondentId | None = None
    written_to: bool = True
    on_paper: bool = False

    @property
    def id(self) -> UUID:
        whom = self.customer_id or self.correspondent_id
        assert whom is not None
        return whom


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """How it came. `about_manager` says that it is about the person responsible himself (E84),
    `left_out` that some of what came with it was too large to be kept, `made` the id that the form
    gives it."""

    channel: Channel
    received_at: datetime
    about_manager: bool = False
    entered_by: StaffId | None = None
    previous_id: ComplaintId | None = None
    postal: str = field(repr=False, default="")
    left_out: bool = False
    made: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Lodged:
    """`code` opens the complaint's page for whoever has no account; it is told once, and by letter."""

    complaint: Complaint
    code: str = field(repr=False)


async def person_by_email(tx: Tx, email: str, name: str | None, *, vault: Vault, now: datetime) -> Person:
    """`email` and `name` are parsed. Whether it is a customer's is told to nobody."""
    known = await customers.credentials_by_email(tx, vault.blind_index("email", email_key(email)))
    if known is not None:
        return Person(customer_id=known.customer_id)
    kept = await correspondents.keep(tx, email, name=name, source="complaint", vault=vault, now=now)
    return Person(correspondent_id=kept)


async def lodged_before(tx: Tx, made: UUID | None, vault: Vault) -> Lodged | None:
    """What the same form lodged, or added to."""
    if made is None or not await store.made_already(tx, made):
        return None
    case = await reads.find(tx, await store.case_of(tx, made))
    return Lodged(complaint=case, code=await reads.code_of(tx, case, vault))


async def lodge(tx: Tx, written: Written, person: Person, arrived: Arrived, *, vault: Vault, now: datetime) -> Lodged:
    """Keep it whole, acknowledge it, and ask for specifics where there are none: the clock runs all the same (E83)."""
    key = await key_of(tx, person.id, vault)
    managers = await staff.of_role(tx, Role.MANAGER)
    case = Complaint(
        id=ComplaintId(arrived.made or new_id()),
        number=new_order_number(),
        channel=arrived.channel,
        customer_id=person.customer_id,
        correspondent_id=person.correspondent_id,
        received_at=arrived.received_at,
        due_at=due_by(arrived.received_at),
        against=managers[0] if arrived.about_manager and managers else None,
        previous_id=arrived.previous_id,
        specifics_asked_at=None if written.specific else now,
        on_paper=person.on_paper,
    )
    code = new_code()
    await store.add(
        tx,
        case,
        code_sealed=key.seal(code, Place("complaint", "code_sealed", case.id)),
        code_hash=code_hash(code),
        text_sealed=_sealed(key, written.text, "text_sealed", case.id),
        postal_sealed=_sealed(key, arrived.postal, "postal_sealed", case.id),
        recorded_at=now,
        entered_by=arrived.entered_by,
        look_at=now,
    )
    await _concerns(tx, written, case.id, key)
    await _first_handler(tx, case, now=now)
    if person.written_to and not person.on_paper:
        occasion = f"{case.id}:left_out" if arrived.left_out else str(case.id)
        letter = SendMail(kind=MailKind.COMPLAINT_RECEIVED, subject=person.id, occasion=occasion)
        await tasks.promise(tx, letter, now=now, hinted=False)
    by = audit.by_staff(arrived.entered_by) if arrived.entered_by else audit.SHOP
    detail = {"channel": str(case.channel)}
    await audit.record(tx, "complaint_received", by=by, subject=("complaint", case.id), now=now, detail=detail)
    return Lodged(complaint=case, code=code)


def code_hash(code: str) -> bytes:
    """Of a code as a person types it."""
    return hashlib.sha256(plain_code(code).encode()).digest()


def _sealed(key: DataKey, text: str, column: str, row: UUID) -> bytes | None:
    return key.seal(text, Place("complaint", column, row)) if text else None


async def _concerns(tx: Tx, written: Written, complaint_id: ComplaintId, key: DataKey) -> None:
    rows = []
    for position, concern in enumerate(written.concerns, start=1):
        row = new_id()
        sealed = key.seal(concern, Place("complaint_concern", "text_sealed", row))
        rows.append({"id": row, "complaint_id": complaint_id, "position": position, "text_sealed": sealed})
    await store.add_concerns(tx, rows)


async def _first_handler(tx: Tx, case: Complaint, *, now: datetime) -> None:
    """What is about the manager goes to a delegate at once, and where there is none, somebody is told."""
    if case.against is None:
        return
    delegates = await staff.delegates(tx, Scope.COMPLAINTS, now)
    if delegates:
        await store.assign(tx, case.id, delegates[0], by=None, now=now)
    else:
        await tasks.raise_alert(tx, "complaint_unassigned", str(case.id), now=now)
