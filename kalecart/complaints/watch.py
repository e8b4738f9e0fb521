"""Take the steps of escalation that have begun, each once, however late anybody looks (C13).

Nothing becomes true here: a complaint is late by its deadline, noticed or not. Whoever is awake looks: the clock, a
worker that starts, a page of the board.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from kalecart import controls, tasks
from kalecart.alerts import keep_alerts
from kalecart.clock import Clock
from kalecart.complaints import reads, reads_post, store
from kalecart.complaints.complaint import Complaint
from kalecart.complaints.hand_back import hand_back
from kalecart.complaints.ladder import BREACH, Due, Told, next_begins, reached
from kalecart.database import Database, Tx
from kalecart.ids import StaffId
from kalecart.jobs import MailKind, SendMail
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.rights import Role

# In one transaction. While somebody else's is open, each walks past everything that those before it took; after months
# away every case has a step for each day.
AT_ONCE: Final = 2_000
# Whoever waits for a page waits for so many, and the rest is the next one's.
IN_PASSING: Final = 50
CONTROL: Final = "complaints"
# Whoever is written to on paper has it in the post by then: that we have their complaint, and our answer.
POSTED_WITHIN: Final = timedelta(days=3)


async def watch_complaints(held: tasks.Held | None, *, db: Database, clock: Clock, at_once: int = AT_ONCE) -> int:
    """Every complaint at which a step begins; returns how many. Run late, twice or by two at once it comes to the
    same."""
    await hand_back(db=db, clock=clock)
    looked = 0
    while True:
        async with db.transaction() as tx:
            now = clock.now()
            found = await _look(tx, now=now, most=at_once)
            if found < at_once:
                late = await reads.late(tx, now)
                detail = f"{late} complaints open beyond their thirty days"
                await controls.record_sometimes(tx, CONTROL, passed=not late, detail=detail, now=now)
                unacknowledged = await reads_post.unacknowledged(tx, now - POSTED_WITHIN)
                await keep_alerts(tx, "acknowledgement_unposted", unacknowledged, now=now)
                unposted = await reads_post.unposted_answers(tx, now - POSTED_WITHIN)
                await keep_alerts(tx, "answer_unposted", unposted, now=now)
                await tasks.finish(tx, held, now=now)
                return looked + found
        looked += found


async def notice_complaints(*, db: Database, clock: Clock) -> int:
    """The same in passing, for a page: one short question where nothing is due, and otherwise the first of them."""
    async with db.snapshot() as tx:
        if not await reads.any_due(tx, clock.now()):
            return 0
    async with db.transaction() as tx:
        return await _look(tx, now=clock.now(), most=IN_PASSING)


async def _look(tx: Tx, *, now: datetime, most: int) -> int:
    due = await store.due(tx, now=now, most=most)
    if not due:
        return 0
    steps = await reads.ladder(tx)
    taken = await store.taken(tx, [case.id for case in due])
    # Deadlines are midnights: a thousand cases have a dozen of them, and steps of a case are arithmetic over its own.
    begun = {due_at: reached(steps, due_at, now) for due_at in {case.due_at for case in due}}
    again = {due_at: next_begins(steps, due_at, now) for due_at in begun}
    new = {case.id: _new(case, begun[case.due_at], taken.get(case.id, ())) for case in due}
    whom = _Chain(await staff.delegates(tx, Scope.COMPLAINTS, now), await staff.of_role(tx, Role.MANAGER))
    # After an outage several steps of a case may be new: all are on record, and the last is told.
    told = {case.id: whom.of(case, new[case.id][-1].step.tells) for case in due if new[case.id]}
    taken_now = [
        (case.id, each, told[case.id] if each is new[case.id][-1] else ()) for case in due for each in new[case.id]
    ]
    await store.take_steps(tx, taken_now, now=now)
    await store.look_again(tx, [(case.id, again[case.due_at]) for case in due])
    await tasks.promise_each(tx, _letters(told.values(), now), now=now)
    late = [str(complaint_id) for complaint_id, each, _ in taken_now if each.name == BREACH]
    await tasks.raise_alerts(tx, "complaint_late", late, now=now)
    return len(due)


def _letters(told: Iterable[Sequence[StaffId]], now: datetime) -> Sequence[SendMail]:
    """One to each person: after a bad night nobody reads a letter for each complaint. It names what this transaction
    took, by its instant."""
    people = dict.fromkeys(chain.from_iterable(told))
    return [SendMail(kind=MailKind.COMPLAINT_DUE, subject=each, occasion=now.isoformat()) for each in people]


def _new(case: Complaint, begun: Sequence[Due], taken: Collection[str]) -> list[Due]:
    return [each for each in begun if each.name not in taken and not (each.step.unassigned and case.handler_id)]


class _Chain:
    """Who is behind the words of a ladder."""

    def __init__(self, administrators: Sequence[StaffId], managers: Sequence[StaffId]) -> None:
        self._administrators, self._managers = administrators, managers

    def of(self, case: Complaint, told: Sequence[Told]) -> Sequence[StaffId]:
        """Never whom it is about, as long as there is somebody else; and never nobody: a letter has no more in it than
        a number and dates, and somebody has to be designated."""
        found: dict[StaffId, None] = {}
        for whom in told:
            found |= dict.fromkeys(self._of(case, whom))
        others = [each for each in found if each != case.against]
        others = others or [each for each in (*self._administrators, *self._managers) if each != case.against][:1]
        return others or self._managers[:1]

    def _of(self, case: Complaint, whom: Told) -> Sequence[StaffId]:
        if whom is Told.MANAGER:
            return self._managers
        if whom is Told.HANDLER and case.handler_id:
            # Of whoever may not act any more it is the manager's, handed back by now or not (E85).
            acting = case.handler_id in {*self._administrators, *self._managers}
            return [case.handler_id] if acting else self._managers
        return self._administrators or self._managers
