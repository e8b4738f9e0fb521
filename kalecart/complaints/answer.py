"""Answer a complaint: what was found, the steps that are taken, and the remedies under the law (C13)."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.complaints import reads, store
from kalecart.complaints.complaint import POSTAL_LENGTH_MAX, Complaint, ComplaintMovedOn, Findings
from kalecart.complaints.hand_on import case_for, on_record, under_designation
from kalecart.complaints.posted import posted_at
from kalecart.correspondents import reads as correspondents
from kalecart.customers import reads as customers
from kalecart.customers.address import NOWHERE
from kalecart.database import Database, Tx
from kalecart.errors import Invalid
from kalecart.ids import ComplaintId, new_id
from kalecart.jobs import MailKind, SendMail
from kalecart.staff.member import ASK, NotDesignated, StaffMember
from kalecart.vault import Place, Vault, key_of


@dataclass(frozen=True, kw_only=True)
class OnPaper:
    """That an answer goes by post: where to, if that is new, and when it was posted, if it was."""

    postal: str = field(repr=False, default="")
    posted_at: datetime | None = None


async def answer(
    complaint_id: ComplaintId,
    found: Findings,
    *,
    on_paper: OnPaper | None,
    by: StaffMember,
    db: Database,
    vault: Vault,
    clock: Clock,
) -> None:
    """Sign it and send it, once. By e-mail it counts once its letter went out; on paper from when it was posted.

    Raises RoleForbids, NotDesignated, AboutYou, NotFound, ComplaintMovedOn where it is answered, or by mail a second
    time, and Invalid for a day that cannot be, or where there is no way to its person.
    """
    by.require("complaints:answer")
    now = clock.now()
    async with under_designation(db, NotDesignated(ASK, right="complaints:answer")) as tx:
        case = await case_for(tx, complaint_id, by, now=now)
        if await store.made_already(tx, found.made):
            return
        if not case.open:
            raise ComplaintMovedOn("It is answered.")
        sent_at = None
        if on_paper is not None and on_paper.posted_at is not None:
            sent_at = posted_at(on_paper.posted_at, since=case.received_at, now=now)
        if on_paper is not None:
            await _goes_to(tx, case, on_paper, vault)
        else:
            await _goes_by_mail(tx, case, vault)
        await _write(tx, case, found, "mail" if on_paper is None else "post", sent_at, by, vault=vault, now=now)
        await on_record(tx, "complaint_answered", case, by, now=now)


async def _has_mailbox(tx: Tx, case: Complaint, vault: Vault) -> bool:
    """A customer always has; whoever wrote on paper may have none."""
    if case.correspondent_id is None:
        return True
    return bool((await correspondents.reach_of(tx, case.correspondent_id, vault)).email)


async def _goes_by_mail(tx: Tx, case: Complaint, vault: Vault) -> None:
    """One at a time: of two who answer at once the second finds the letter of the first on its way."""
    if not await _has_mailbox(tx, case, vault):
        raise Invalid({"/on_paper": "We know no e-mail address: answer on paper."})
    unsent = await store.unsent_by_mail(tx, case.id)
    if unsent is not None and await tasks.under_way(tx, _letter(case, unsent)):
        raise ComplaintMovedOn("An answer by e-mail is on its way. Wait for what becomes of it, or answer on paper.")


def _letter(case: Complaint, answer_id: UUID) -> SendMail:
    return SendMail(kind=MailKind.COMPLAINT_ANSWERED, subject=case.person_id, occasion=str(answer_id))


async def _goes_to(tx: Tx, case: Complaint, on_paper: OnPaper, vault: Vault) -> None:
    """What is typed now, or the address they wrote from, or that of a customer. What was posted had one."""
    postal = on_paper.postal.strip()
    if len(postal) > POSTAL_LENGTH_MAX:
        raise Invalid({"/postal": f"It may have up to {POSTAL_LENGTH_MAX} characters."})
    known = await reads.postal_of(tx, case, vault)
    if not postal and not known and case.customer_id is not None:
        # Whoever is being erased has no address any more, and is asked for one.
        address = (await customers.profile(tx, case.customer_id, vault, bare=True)).address
        postal = "" if address == NOWHERE else "\n".join(address.lines)
    if postal and postal != known:
        key = await key_of(tx, case.person_id, vault)
        await store.change(tx, case.id, postal_sealed=key.seal(postal, Place("complaint", "postal_sealed", case.id)))
    elif not known and on_paper.posted_at is None:
        raise Invalid({"/postal": "Say where the letter goes."})


async def _write(
    tx: Tx,
    case: Complaint,
    found: Findings,
    channel: str,
    sent_at: datetime | None,
    by: StaffMember,
    *,
    vault: Vault,
    now: datetime,
) -> None:
    answer_id = found.made or new_id()
    key = await key_of(tx, case.person_id, vault)
    await store.add_answer(
        tx,
        answer_id,
        case.id,
        findings_sealed=key.seal(found.findings, Place("complaint_answer", "findings_sealed", answer_id)),
        steps_sealed=key.seal(found.steps, Place("complaint_answer", "steps_sealed", answer_id)),
        channel=channel,
        signed_by=by.id,
        signed_at=now,
        sent_at=sent_at,
    )
    if channel == "mail":
        await tasks.promise(tx, _letter(case, answer_id), now=now, hinted=False)
    elif sent_at is not None:
        await store.settle(tx, case.id, now=now)
