"""Ask for a file of released figures for somebody outside the shop (C6). Anything else is refused and on record."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.dispatch import Dispatcher
from kalecart.errors import Invalid, Refused
from kalecart.figures import reads, store
from kalecart.figures.export import KEPT, RELEASES_MAX, SUBJECT, Export, Format
from kalecart.ids import new_id
from kalecart.jobs import MakeExport
from kalecart.staff.member import StaffMember


class OnlyReleases(Refused):
    """Only released figures leave the shop."""


async def ask_export(
    releases: Sequence[str], as_: str, *, by: StaffMember, db: Database, clock: Clock, dispatcher: Dispatcher
) -> Export:
    """The file that will be made. `releases` are keys, `as_` is csv, xlsx or json.

    Raises RoleForbids, Invalid, and OnlyReleases where one of `releases` is not a release with an answer; that somebody
    without the right or for something else tried is kept.
    """
    now = clock.now()
    if not by.may("figures:export"):
        await _record_refusal(db, new_id(), by, "role", now=now)
        by.require("figures:export")
    wanted = tuple(dict.fromkeys(releases))
    if as_ not in set(Format):
        raise Invalid({"/format": "Choose CSV, XLSX or JSON."})
    if not 0 < len(wanted) <= RELEASES_MAX:
        raise Invalid({"/releases": f"Choose one to {RELEASES_MAX} releases."})
    export = _asked(wanted, Format(as_), by=by, now=now)
    async with db.transaction() as tx:
        released = len(await reads.periods_of(tx, wanted)) == len(wanted)
        promised = await _promised(tx, export, by=by, now=now) if released else None
    if promised is not None:
        dispatcher.hint(promised.id, promised.job.topic)
        return export
    await _record_refusal(db, export.id, by, "not_released", now=now)
    raise OnlyReleases("Choose from the list of releases. That this was asked for is on record.")


def _asked(releases: Sequence[str], as_: Format, *, by: StaffMember, now: datetime) -> Export:
    return Export(
        id=new_id(),
        releases=releases,
        format=as_,
        asked_by=by.id,
        asked_at=now,
        expires_at=now + KEPT,
        made_at=None,
        refused=None,
        lines=None,
        size_bytes=None,
        sha256=None,
    )


async def _promised(tx: Tx, export: Export, *, by: StaffMember, now: datetime) -> tasks.Promise | None:
    await store.add(tx, export)
    detail = {"format": export.format.value, "releases": len(export.releases)}
    subject = (SUBJECT, export.id)
    await audit.record(tx, "figures_export_asked", by=audit.by_staff(by.id), subject=subject, now=now, detail=detail)
    return await tasks.promise(tx, MakeExport(export_id=export.id), now=now)


async def _record_refusal(db: Database, export_id: UUID, by: StaffMember, reason: str, *, now: datetime) -> None:
    async with db.transaction() as tx:
        await audit.record(
            tx,
            "figures_export_refused",
            by=audit.by_staff(by.id),
            subject=(SUBJECT, export_id),
            now=now,
            detail={"reason": reason},
        )
