"""Say of an answer on paper that it was posted, or that the post brought it back (C13, E86)."""

from datetime import datetime
from uuid import UUID

from kalecart import tasks, tombstones
from kalecart.alerts import close_alerts
from kalecart.clock import Clock
from kalecart.complaints import reads, reads_post, store
from kalecart.complaints.complaint import ComplaintMovedOn
from kalecart.complaints.hand_on import case_for, on_record
from kalecart.complaints.posted import posted_at as checked
from kalecart.complaints.reads_post import OnPaper
from kalecart.database import Database
from kalecart.ids import ComplaintId
from kalecart.staff.member import StaffMember


async def post_answer(
    complaint_id: ComplaintId,
    *,
    posted_at: datetime | None,
    by: StaffMember,
    db: Database,
    clock: Clock,
    seen: UUID | None = None,
) -> None:
    """From then on it counts. `posted_at` lies on a day from its signing until today; `seen` is the answer that whoever
    says so has before them, where somebody else may have signed another.

    Raises RoleForbids, NotDesignated, AboutYou, NotFound, ComplaintMovedOn where none waits, and Invalid at
    `/posted_at`.
    """
    by.require("complaints:act")
    now = clock.now()
    async with db.transaction() as tx:
        case = await case_for(tx, complaint_id, by, now=now)
        answer = await reads_post.answer_on_paper(tx, case)
        if not case.open or answer is None or answer.sent_at is not None:
            raise ComplaintMovedOn("No answer to it waits to be posted.")
        _refuse_another(answer, seen)
        at = checked(posted_at, since=answer.signed_at, now=now)
        await store.answer_posted(tx, answer.id, case.id, at=at, now=now)
        for kind in ("acknowledgement_unposted", "answer_unposted"):
            await close_alerts(tx, kind, [str(case.id)], now=now)
        await on_record(tx, "answer_posted", case, by, now=now)


async def answer_came_back(
    complaint_id: ComplaintId, *, by: StaffMember, db: Database, clock: Clock, seen: UUID | None = None
) -> None:
    """It was none: the complaint is open again, and its thirty days are what they were.

    Raises RoleForbids, NotDesignated, AboutYou, NotFound, and ComplaintMovedOn where none was posted.
    """
    by.require("complaints:act")
    now = clock.now()
    async with db.transaction() as tx:
        case = await case_for(tx, complaint_id, by, now=now)
        answer = await reads_post.answer_on_paper(tx, case)
        if answer is None or answer.sent_at is None:
            raise ComplaintMovedOn("No answer to it was posted, or it came back before.")
        _refuse_another(answer, seen)
        if await tombstones.is_erased(tx, case.person_id):
            raise ComplaintMovedOn("Whoever wrote it was erased: nobody can be answered any more.")
        await store.answer_bounced(tx, answer.id, now=now)
        if (await reads.find(tx, case.id)).open:
            await tasks.raise_alert(tx, "complaint_unreached", str(case.id), now=now)
        await on_record(tx, "answer_returned", case, by, now=now)


def _refuse_another(answer: OnPaper, seen: UUID | None) -> None:
    if seen not in (None, answer.id):
        raise ComplaintMovedOn("Another answer was signed meanwhile. Look at that one.")
