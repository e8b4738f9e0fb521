"""Put together what a person asked to see: claim, read one snapshot, record (C10).

The package is made whole and kept once, in the transaction that ends the task: a worker that dies before leaves
nothing, and the next begins again. Everything is as of one instant, which the package states (E58).
"""

import asyncio
import base64
import hashlib
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from kalecart import audit, tasks
from kalecart.alerts import close_alerts
from kalecart.clock import Clock, shop_date
from kalecart.customers import store as customers
from kalecart.database import Database, Tx
from kalecart.errors import Unavailable
from kalecart.ids import CustomerId, RequestId, new_id
from kalecart.jobs import CompleteRequest, MailKind, SendMail
from kalecart.payments.gateway import Gateway
from kalecart.policy import reads as policy
from kalecart.privacy import reads, store
from kalecart.privacy.at_stripe import part_at_stripe
from kalecart.privacy.codes import lay_code
from kalecart.privacy.package import BUT_KINDS, KeptBack, Package, PackagePart, kept_back_of, summed
from kalecart.privacy.package_files import archive
from kalecart.privacy.reads_person import count_rows, parts_of
from kalecart.privacy.register import REGISTER
from kalecart.privacy.request import INCOMPLETE, Channel, Level, Request, State
from kalecart.staff.reads import who_may
from kalecart.steps import step
from kalecart.vault import Place, Vault, key_of, make_key

PACKAGE_KEPT: Final = timedelta(days=7)
TELL_EVERY_S: Final = 0.5
# Tries with their backoff are about a quarter of a minute.
STRIPE_TRIES: Final = 5
AT_STRIPE: Final = "what Stripe holds about you"
GO_AFTER: Final = timedelta(minutes=5)


async def fulfil_request(
    request_id: RequestId,
    held: tasks.Held | None,
    *,
    db: Database,
    vault: Vault,
    clock: Clock,
    gateway: Gateway,
) -> None:
    """Make the package of a verified request. One that is further already, or no more, is left as it is."""
    async with db.transaction() as tx:
        request = await store.find(tx, request_id)
        if request is None or request.state is not State.VERIFIED:
            await tasks.finish(tx, held, now=clock.now())
            return
        await store.change(tx, request_id, begun_at=clock.now(), rows_done=0, rows_total=0)
    step("fulfil.begun")
    package = await _Gathering(request, db, vault, clock).package()
    step("fulfil.gathered")
    if package is None:
        async with db.transaction() as tx:
            await tasks.finish(tx, held, now=clock.now())
        return
    if request.level is Level.SPECIFICS:
        package = await _with_stripe(package, gateway, tried=held.attempts if held else 1)
    content = await asyncio.to_thread(archive, package)
    step("fulfil.packed")
    await _keep(request_id, package, content, held, db=db, vault=vault, clock=clock)
    step("fulfil.kept")


async def _with_stripe(package: Package, gateway: Gateway, *, tried: int) -> Package:
    """Stripe's part as well. It is waited for a while; then the package says what is missing, and a task goes after it.

    Raises Unavailable for the first few tries.
    """
    try:
        part = await part_at_stripe(package.parts, gateway)
    except Unavailable:
        if tried < STRIPE_TRIES:
            raise
        return replace(package, unread=[AT_STRIPE])
    return replace(package, parts=[*package.parts, part]) if part else package


class _Gathering:
    """One reading of everything about one person."""

    def __init__(self, request: Request, db: Database, vault: Vault, clock: Clock) -> None:
        assert request.customer_id is not None
        self._request, self._customer_id = request, request.customer_id
        self._db, self._vault, self._clock = db, vault, clock
        self._told_at = time.monotonic()

    async def package(self) -> Package | None:
        """None for somebody who is erased: whether that was before is seen in the same instant as all the rest."""
        async with self._db.snapshot() as tx:
            if await reads.is_being_erased(tx, self._customer_id):
                return None
            counts = await count_rows(tx, self._customer_id)
            snapshot_at = self._clock.now()
            in_force = await policy.current(tx, shop_date(snapshot_at))
            parts, kept_back = await self._parts(tx, sum(counts.values()))
            kinds_only = self._request.level is not Level.SPECIFICS
        return Package(
            request_id=self._request.id,
            customer_id=self._customer_id,
            received_at=self._request.received_at,
            snapshot_at=snapshot_at,
            policy_version=in_force.version,
            parts=[replace(part, records=[]) for part in parts] if kinds_only else parts,
            kept_back=[BUT_KINDS] if kinds_only else summed(kept_back),
            kinds_only=kinds_only,
        )

    async def _parts(self, tx: Tx, total: int) -> tuple[list[PackagePart], list[KeptBack]]:
        key = await key_of(tx, self._customer_id, self._vault)
        parts, kept_back, done = [], [], 0
        async for part in parts_of(tx, self._customer_id, key):
            count = len(part.records)
            kept_back += kept_back_of(REGISTER[part.table], count)
            parts.append(part)
            done += count
            await self._tell(done, total)
        return parts, kept_back

    async def _tell(self, done: int, total: int) -> None:
        """How far it is, for who watches; beside the snapshot, and not for every table."""
        if done < total and time.monotonic() - self._told_at < TELL_EVERY_S:
            return
        self._told_at = time.monotonic()
        async with self._db.direct() as pg:
            await store.tell_progress(pg, self._request.id, done=done, total=total)


async def _keep(
    request_id: RequestId,
    package: Package,
    content: bytes,
    held: tasks.Held | None,
    *,
    db: Database,
    vault: Vault,
    clock: Clock,
) -> None:
    """Keep the package sealed with a key of its own; a person looks first where withholding needs judgement (C11)."""
    now = clock.now()
    async with db.transaction() as tx:
        # The person before the request, as an erasure does: one of the two waits for the other.
        await customers.lock(tx, package.customer_id)
        request = await store.find(tx, request_id, lock=True)
        if request is not None and request.state is State.VERIFIED:
            review = package.needs_judgement or not await _still_may(tx, request_id)
            # Whoever reviews it has until the deadline; the person has their days after that all the same.
            until = (request.due_at if review else now) + PACKAGE_KEPT
            await _add_package(tx, package, content, vault=vault, now=now, until=until)
            if review:
                await store.move(tx, request, State.REVIEW, now=now)
                await tasks.raise_alert(tx, "request_review", str(request_id), now=now)
            else:
                await store.move(tx, request, State.ANSWERED, now=now)
                await tell_answered(tx, request, now=now)
            await open_by_letter(tx, request, vault=vault, until=until)
            if package.unread:
                later = CompleteRequest(request_id=request_id)
                await tasks.promise(tx, later, now=now, due_at=now + GO_AFTER, hinted=False)
            detail = {"records": package.records, "withheld": len(package.withheld)}
            subject = ("privacy_request", request_id)
            await audit.record(tx, "package_made", by=audit.SHOP, subject=subject, now=now, detail=detail)
        await tasks.finish(tx, held, now=now)


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
        package = await _Gathering(shown.request, db, vault, clock).package()
    if package is not None:
        package = await _with_stripe(package, gateway, tried=0)
        await _replace(request_id, package, await asyncio.to_thread(archive, package), db=db, vault=vault, clock=clock)
    async with db.transaction() as tx:
        await close_alerts(tx, INCOMPLETE, [str(request_id)], now=clock.now())
        await tasks.finish(tx, held, now=clock.now())


async def _replace(
    request_id: RequestId, package: Package, content: bytes, *, db: Database, vault: Vault, clock: Clock
) -> None:
    """Put the whole package where the one with a gap is, and tell; a second time, or once it is gone, does nothing.

    Whoever has no log-in gets a fresh code: the one before may be used up, and opened less.
    """
    now = clock.now()
    async with db.transaction() as tx:
        await customers.lock(tx, package.customer_id)
        await store.find(tx, request_id, lock=True)
        shown = await reads.shown(tx, request_id)
        if shown.package is None or not shown.package.unread or not shown.package.available(now):
            return
        sealed = await _sealed(tx, shown.package.id, package, content, vault)
        await store.replace_package(tx, shown.package.id, **sealed)
        if shown.request.state is State.ANSWERED:
            await open_by_letter(tx, shown.request, vault=vault, until=shown.package.expires_at)
            await promise_letter(tx, MailKind.REQUEST_COMPLETED, package.customer_id, request_id, now=now)


async def open_by_letter(tx: Tx, request: Request, *, vault: Vault, until: datetime) -> None:
    """Without a log-in a package is opened by a code, which the letter brings."""
    if request.channel is not Channel.ACCOUNT and request.customer_id is not None:
        await lay_code(tx, request.id, request.customer_id, vault=vault, until=until)
        await store.change(tx, request.id, tries=0)


async def _still_may(tx: Tx, request_id: RequestId) -> bool:
    """Whether the member of staff who started it, if one did, may still do so; otherwise another releases it (C8)."""
    starter = await store.entered_by(tx, request_id)
    return starter is None or starter in await who_may(tx, "requests:act")


async def _add_package(
    tx: Tx, package: Package, content: bytes, *, vault: Vault, now: datetime, until: datetime
) -> None:
    package_id = new_id()
    await make_key(tx, package_id, vault, now=now)
    await store.add_package(
        tx,
        package_id,
        request_id=package.request_id,
        customer_id=package.customer_id,
        made_at=now,
        expires_at=until,
        **await _sealed(tx, package_id, package, content, vault),
    )


async def _sealed(tx: Tx, package_id: UUID, package: Package, content: bytes, vault: Vault) -> dict[str, Any]:
    """What its row says of a package, and the package under its own key."""
    key = await key_of(tx, package_id, vault)
    text = base64.b64encode(content).decode()
    return {
        "snapshot_at": package.snapshot_at,
        "sealed": key.seal(text, Place("privacy_package", "sealed", package_id)),
        "sha256": hashlib.sha256(content).digest(),
        "bytes": len(content),
        "records": package.records,
        "withheld": [{"what": i.what, "reason": i.reason, "count": i.count} for i in package.withheld],
        "unread": list(package.unread),
    }


async def tell_answered(tx: Tx, request: Request, *, now: datetime) -> None:
    """A letter that the answer is there; it says nothing of what is in it."""
    if request.customer_id is not None:
        await promise_letter(tx, MailKind.REQUEST_ANSWERED, request.customer_id, request.id, now=now)


async def promise_letter(
    tx: Tx, kind: MailKind, customer_id: CustomerId, request_id: RequestId, *, now: datetime
) -> None:
    letter = SendMail(kind=kind, subject=customer_id, occasion=str(request_id))
    await tasks.promise(tx, letter, now=now, hinted=False)
