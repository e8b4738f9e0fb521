"""Answer a complaint: what was found, the steps that are taken, and the remedies under the law (C13)."""

from datetime import datetime

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.complaints import store
from kalecart.complaints.complaint import Complaint, ComplaintMovedOn, Findings
from kalecart.complaints.hand_on import case_for, on_record, under_designation
from kalecart.correspondents import reads as correspondents
from kalecart.database import Database, Tx
from kalecart.errors import Invalid
from kalecart.ids import ComplaintId, new_id
from kalecart.jobs import MailKind, SendMail
from kalecart.staff.member import ASK, NotDesignated, StaffMember
from kalecart.vault import Place, Vault, key_of


async def answer(
    complaint_id: ComplaintId,
    found: Findings,
    *,
    posted_at: datetime | None,
    by: StaffMember,
    db: Database,
    vault: Vault,
    clock: Clock,
) -> None:
    """Sign it and send it. By e-mail it counts once its letter went out; on paper from when it was `posted_at`.

    Raises RoleForbids, NotDesignated, AboutYou, NotFound, ComplaintMovedOn where it is answered, and Invalid for a
    day that cannot be.
    """
    by.require("complaints:answer")
    now = clock.now()
    async with under_designation(db, NotDesignated(ASK, right="complaints:answer")) as tx:
        case = await case_for(tx, complaint_id, by, now=now)
        if not case.open:
            raise ComplaintMovedOn("It is answered.")
        if posted_at is not None and not case.received_at <= posted_at <= now:
            raise Invalid({"/posted_at": "It was posted after it reached us, today or before."})
        if posted_at is None and not await _has_mailbox(tx, case, vault):
            raise Invalid({"/posted_at": "We know no e-mail address: answer on paper, and say when it was posted."})
        await _write(tx, case, found, posted_at, by, vault=vault, now=now)
        await on_record(tx, "complaint_answered", case, by, now=now)


async def _has_mailbox(tx: Tx, case: Complaint, vault: Vault) -> bool:
    """A customer always has; whoever wrote on paper may have none."""
    if case.correspondent_id is None:
        return True
    return bool((await correspondents.reach_of(tx, case.correspondent_id, vault)).email)


async def _write(
    tx: Tx,
    case: Complaint,
    found: Findings,
    posted_at: datetime | None,
    by: StaffMember,
    *,
    vault: Vault,
    now: datetime,
) -> None:
    answer_id = new_id()
    key = await key_of(tx, case.person_id, vault)
    await store.add_answer(
        tx,
        answer_id,
        case.id,
        findings_sealed=key.seal(found.findings, Place("complaint_answer", "findings_sealed", answer_id)),
        steps_sealed=key.seal(found.steps, Place("complaint_answer", "steps_sealed", answer_id)),
        channel="mail" if posted_at is None else "post",
        signed_by=by.id,
        signed_at=now,
        sent_at=posted_at,
    )
    if posted_at is None:
        letter = SendMail(kind=MailKind.COMPLAINT_ANSWERED, subject=case.person_id, occasion=str(answer_id))
        await tasks.promise(tx, letter, now=now, hinted=False)
    else:
        await store.settle(tx, case.id, now=now)
