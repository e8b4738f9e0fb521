"""Hand a file of released figures to a member of staff, on record: from here it goes to somebody outside (C6)."""

from dataclasses import dataclass
from uuid import UUID

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.figures import store
from kalecart.figures.export import SUBJECT, Progress
from kalecart.staff.member import StaffMember


class NoSuchFile(NotFound):
    """There is no such file."""


@dataclass(frozen=True, kw_only=True)
class File:
    """What to call it, what it is, and what it says."""

    name: str
    media: str
    content: bytes


async def hand_over_export(export_id: UUID, *, by: StaffMember, db: Database, clock: Clock) -> File:
    """Raises RoleForbids, and NoSuchFile for one that is not made yet or kept no longer."""
    by.require("figures:export")
    now = clock.now()
    async with db.transaction() as tx:
        export = await store.find(tx, export_id)
        content = await store.content(tx, export_id) if export else None
        if export is None or content is None or export.progress(now) is not Progress.READY:
            raise NoSuchFile("It is not written yet, or its 30 days are over: ask for it again.")
        subject = (SUBJECT, export_id)
        await audit.record(tx, "figures_export_downloaded", by=audit.by_staff(by.id), subject=subject, now=now)
    return File(name=export.name, media=export.format.media, content=content)
