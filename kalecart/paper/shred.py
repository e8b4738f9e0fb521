"""Shred a paper before a witness, and have that on record for good (C8)."""

from uuid import UUID

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.customers.problems import Problems
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Conflict, Invalid
from kalecart.ids import StaffId
from kalecart.jobs import WatchPaper
from kalecart.paper import store
from kalecart.paper.file import on_record
from kalecart.paper.item import Early, PaperId, Standing
from kalecart.paper.move import lying
from kalecart.staff import reads as staff
from kalecart.staff.member import StaffMember


class PaperHeld(Conflict):
    """The law obliges the shop to keep this paper."""


async def shred(
    paper_id: PaperId, *, witness: UUID | None, early: str = "", by: StaffMember, db: Database, clock: Clock
) -> None:
    """`early` is why, where its day has not come; otherwise it says nothing. The database looks for itself whether both
    work here and no hold is on its person.

    Raises RoleForbids, NotFound, PaperMovedOn, PaperHeld, and Invalid with every field's problem.
    """
    by.require("paper:shred")
    now = clock.now()
    nobody = Invalid({"/witness": "Choose who saw it shredded: somebody who works here, and not you."})
    try:
        async with db.transaction() as tx:
            paper = await lying(tx, paper_id)
            problems = Problems()
            if witness is None or witness == by.id or await staff.role_here(tx, StaffId(witness)) is None:
                problems.refuse("/witness", nobody.problems["/witness"])
            kept = paper.standing(now) is Standing.KEPT
            if kept and early not in set(Early):
                problems.refuse("/early", "Its day has not come. Choose why it is shredded now.")
            problems.raise_any()
            why = Early(early) if kept else None
            values = {"shredded_at": now, "shredded_by": by.id, "witness": witness, "early": why and why.value}
            await store.change(tx, paper_id, **values)
            detail = {"witness": witness} | ({"early": why.value} if why else {})
            await on_record(tx, "paper_shredded", paper, by, now=now, **detail)
            await tasks.promise(tx, WatchPaper(slot=f"shredded:{paper_id}"), now=now, hinted=False)
    except ConstraintBroken as error:
        if error.constraint == "paper_item_not_held":
            raise PaperHeld(
                "Its person is under a legal hold. Put it back; it can be shredded once that ends."
            ) from None
        if error.constraint == "paper_item_by_two":
            raise nobody from None
        raise
