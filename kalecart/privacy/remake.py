"""Make a package again: one that lacks a source, or from which more or less is kept back by now (C10, C11)."""

import asyncio

from kalecart import audit, tasks
from kalecart.alerts import close_alerts
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.ids import RequestId
from kalecart.jobs import MailKind
from kalecart.payments.gateway import Gateway
from kalecart.privacy import reads, store
from kalecart.privacy.fulfil import as_row, gather, open_by_letter, promise_letter, with_stripe
from kalecart.privacy.package import Package
from kalecart.privacy.package_files import archive
from kalecart.privacy.reads import Shown
from kalecart.privacy.request import INCOMPLETE, Level, State
from kalecart.vault import Vault


async def complete_request(
    request_id: RequestId, held: tasks.Held | None, *, db: Database, vault: Vault, clock: Clock, gateway: Gateway
) -> None:
    """Make a package again that had to do without a source, as of a new instant, and tell the person.

    Raises Unavailable for as long as the source does not answer: its task is tried again, and given up to staff.
    """
    async with db.snapshot() as tx:
        shown = await reads.shown(tx, request_id)
    package = None
    if shown.package is not None and shown.package.unread and shown.package.available(clock.now()):
        package = await gather(shown.request, db=db, vault=vault, clock=clock)
    if package is not None:
        package = await with_stripe(package, gateway, tried=0)
        await _fill_in(request_id, package, await asyncio.to_thread(archive, package), db=db, vault=vault, clock=clock)
    async with db.transaction() as tx:
        await close_alerts(tx, INCOMPLETE, [str(request_id)], now=clock.now())
        await tasks.finish(tx, held, now=clock.now())


async def _fill_in(
    request_id: RequestId, package: Package, content: bytes, *, db: Database, vault: Vault, clock: Clock
) -> None:
    """Put the whole package where the one with a gap is, and tell; a second time, or once it is gone, does nothing.

    Whoever has no log-in gets a fresh code: the one before may be used up, and opened less.
    """
    now = clock.now()
    async with db.transaction() as tx:
        await store.lock(tx, package.person)
        await store.find(tx, request_id, lock=True)
        shown = await reads.shown(tx, request_id)
        if shown.package is None or not shown.package.unread or not shown.package.available(now):
            return
        sealed = await as_row(tx, shown.package.id, package, content, vault)
        await store.replace_package(tx, shown.package.id, **sealed)
        if shown.request.state is State.ANSWERED:
            await open_by_letter(tx, shown.request, vault=vault, until=shown.package.expires_at)
            await promise_letter(tx, MailKind.REQUEST_COMPLETED, shown.request, now=now)


async def remake_package(
    request_id: RequestId, held: tasks.Held | None, *, db: Database, vault: Vault, clock: Clock, gateway: Gateway
) -> None:
    """As of a new instant, which it states. One that obeys the last step, or was released, is left as it is.

    Raises Unavailable where Stripe does not answer: the task is tried again, and until then nothing is released.
    """
    async with db.snapshot() as tx:
        shown = await reads.shown(tx, request_id)
    package = await gather(shown.request, db=db, vault=vault, clock=clock) if _behind(shown) else None
    if package is not None:
        if shown.request.level is Level.SPECIFICS:
            package = await with_stripe(package, gateway, tried=0)
        content = await asyncio.to_thread(archive, package)
        await _replace(request_id, package, content, db=db, vault=vault, clock=clock)
    async with db.transaction() as tx:
        await tasks.finish(tx, held, now=clock.now())


async def _replace(
    request_id: RequestId, package: Package, content: bytes, *, db: Database, vault: Vault, clock: Clock
) -> None:
    """Put it where the one before is, unless that is newer by now, or out, or gone."""
    async with db.transaction() as tx:
        await store.lock(tx, package.person)
        await store.find(tx, request_id, lock=True)
        shown = await reads.shown(tx, request_id)
        if not _behind(shown) or shown.package is None or shown.package.decisions >= package.decisions:
            return
        row = await as_row(tx, shown.package.id, package, content, vault)
        await store.replace_package(tx, shown.package.id, **row)
        detail = {"records": package.records, "withheld": len(package.withheld), "decisions": package.decisions}
        subject = ("privacy_request", request_id)
        await audit.record(tx, "package_remade", by=audit.SHOP, subject=subject, now=clock.now(), detail=detail)


def _behind(shown: Shown) -> bool:
    return shown.request.state is State.REVIEW and not shown.remade
