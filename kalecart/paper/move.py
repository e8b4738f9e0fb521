"""Put a paper into another cabinet (C8)."""

from uuid import UUID

from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import Invalid, NotFound
from kalecart.paper import reads, store
from kalecart.paper.file import on_record
from kalecart.paper.item import Paper, PaperId, PaperMovedOn
from kalecart.staff.member import StaffMember


async def move(paper_id: PaperId, to: UUID | None, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Doing it twice changes nothing. Raises RoleForbids, NotFound, PaperMovedOn, and Invalid for no cabinet."""
    by.require("paper:keep")
    async with db.transaction() as tx:
        paper = await lying(tx, paper_id)
        if to not in {each.id for each in await reads.cabinets(tx)}:
            raise Invalid({"/cabinet_id": "Choose the cabinet it lies in now."})
        if paper.cabinet_id != to:
            await store.change(tx, paper_id, cabinet_id=to)
            await on_record(tx, "paper_moved", paper, by, now=clock.now(), left=paper.cabinet_id, cabinet=to)


async def lying(tx: Tx, paper_id: PaperId) -> Paper:
    """A paper that is not shredded yet, locked. Raises NotFound and PaperMovedOn."""
    paper = await store.lock(tx, paper_id)
    if paper is None:
        raise NotFound("There is no such paper in the register.")
    if paper.shredded_at is not None:
        raise PaperMovedOn("It is on record as shredded.")
    return paper
