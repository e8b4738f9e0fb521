"""Put together what a person asked to see: claim, read one snapshot, record (C10).

The package is made whole and kept once, in the transaction that ends the task: a worker that dies before leaves
nothing, and the next begins again. Everything is as of one instant, which the package states (E58).
"""

import asyncio
import base64
import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from kalecart import audit, tasks
from kalecart.clock import Clock, shop_date
from kalecart.database import Database, Tx
from kalecart.errors import NotYet, Unavailable
from kalecart.ids import RequestId, new_id
from kalecart.jobs import CompleteRequest, MailKind, RemakePackage, SendMail
from kalecart.payments.gateway import Gateway
from kalecart.policy import reads as policy
from kalecart.privacy import reads, store, store_erasure, store_restriction
from kalecart.privacy.at_stripe import part_at_stripe
from kalecart.privacy.codes import lay_code
from kalecart.privacy.package import (
    BUT_KINDS,
    KeptBack,
    Package,
    PackagePart,
    decided_of,
    kept_back_of,
    summed,
    unsearched,
)
from kalecart.privacy.package_files import archive
from kalecart.privacy.reads_person import Counts, count_rows, parts_of
from kalecart.privacy.register import REGISTER
from kalecart.privacy.request import BY_CODE, Channel, Level, Request, State
from kalecart.privacy.restriction import Restriction
from kalecart.privacy.subject import Person, PersonKind
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
    package = await gather(request, db=db, vault=vault, clock=clock)
    step("fulfil.gathered")
    if package is None:
        async with db.transaction() as tx:
            await tasks.finish(tx, held, now=clock.now())
        return
    if request.level is Level.SPECIFICS:
        package = await with_stripe(package, gateway, tried=held.attempts if held else 1)
    content = await asyncio.to_thread(archive, package)
    step("fulfil.packed")
    await _keep(request_id, package, content, held, db=db, vault=vault, clock=clock)
    step("fulfil.kept")


async def with_stripe(package: Package, gateway: Gateway, *, tried: int) -> Package:
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


async def gather(request: Request, *, db: Database, vault: Vault, clock: Clock) -> Package | None:
    """Everything about the person of one instant, but for what was decided to be kept back; None for who is erased."""
    return await _Gathering(request, db, vault, clock).package()


class _Gathering:
    """One reading of everything about one person."""

    def __init__(self, request: Request, db: Database, vault: Vault, clock: Clock) -> None:
        self._request, self._person = request, request.person
        self._db, self._vault, self._clock = db, vault, clock
        self._told_at = time.monotonic()

    async def package(self) -> Package | None:
        """Whether they are erased, and what is kept back, is seen in the same instant as all the rest."""
        async with self._db.snapshot() as tx:
            if await reads.is_being_erased(tx, self._person):
                return None
            people = await store_erasure.same_person(tx, self._person, by_mailbox=self._request.proof == BY_CODE)
            counts = await count_rows(tx, people)
            snapshot_at = self._clock.now()
            in_force = await policy.current(tx, shop_date(snapshot_at))
            # Kinds are all that is told of kinds: what is kept back of the things themselves does not come in.
            kinds_only = self._request.level is not Level.SPECIFICS
            restrictions = () if kinds_only else await store_restriction.restrictions_of(tx, self._request.id)
            parts, kept_back = await self._parts(tx, people, counts, restrictions)
            decisions = await store_restriction.last_number(tx, self._request.id)
        return Package(
            request_id=self._request.id,
            person=self._person,
            received_at=self._request.received_at,
            snapshot_at=snapshot_at,
            policy_version=in_force.version,
            parts=[replace(part, records=[]) for part in parts] if kinds_only else parts,
            kept_back=[BUT_KINDS] if kinds_only else summed(kept_back),
            kinds_only=kinds_only,
            decisions=decisions,
        )

    async def _parts(
        self, tx: Tx, people: Sequence[Person], counts: Counts, restrictions: Sequence[Restriction]
    ) -> tuple[list[PackagePart], list[KeptBack]]:
        keys = {person: await key_of(tx, person.id, self._vault) for person in people}
        decided = {each.what: each for each in restrictions if each.in_force}
        parts, kept_back, done = [], list(unsearched(restrictions)), 0
        async for part in parts_of(tx, keys, counts):
            count = len(part.records)
            if part.table in decided:
                kept_back.append(decided_of(decided[part.table], count))
            else:
                kept_back += kept_back_of(REGISTER[part.table], part)
                parts.append(part)
            done += count
            await self._tell(done, counts.total())
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
        await store.lock(tx, package.person)
        request = await store.find(tx, request_id, lock=True)
        if request is not None and request.state is State.VERIFIED:
            _require_level(request, package, now=now)
            behind = await store_restriction.last_number(tx, request_id) != package.decisions
            undecided = any(each.undecided for each in await store_restriction.restrictions_of(tx, request_id))
            review = package.needs_judgement or behind or undecided or await _by_mailbox_alone(tx, request)
            review = review or not await _still_may(tx, request_id, now)
            # Whoever reviews it has until the deadline; the person has their days from its release.
            until = (request.due_at if review else now) + PACKAGE_KEPT
            await _add_package(tx, package, content, vault=vault, now=now, until=until)
            if review:
                await store.move(tx, request, State.REVIEW, now=now)
                await tasks.raise_alert(tx, "request_review", str(request_id), now=now)
                if behind:
                    await remake_later(tx, request_id, now=now)
            else:
                await store.move(tx, request, State.ANSWERED, now=now)
                await tell_answered(tx, request, now=now)
            await open_by_letter(tx, request, vault=vault, until=until)
            if package.unread:
                later = CompleteRequest(request_id=request_id)
                await tasks.promise(tx, later, now=now, due_at=now + GO_AFTER, hinted=False)
            subject = ("privacy_request", request_id)
            await audit.record(tx, "package_made", by=audit.SHOP, subject=subject, now=now, detail=_counts(package))
        await tasks.finish(tx, held, now=now)


def _require_level(request: Request, package: Package, *, now: datetime) -> None:
    """Raise NotYet where they proved more while this was made: then it is made again."""
    if package.kinds_only and request.level is Level.SPECIFICS:
        raise NotYet("They have proved more meanwhile.", after=now)


def _counts(package: Package) -> dict[str, str | int]:
    return {"records": package.records, "withheld": len(package.withheld)}


async def remake_later(tx: Tx, request_id: RequestId, *, now: datetime) -> None:
    """Have the package made again, as of the last step about what is kept back."""
    number = await store_restriction.last_number(tx, request_id)
    await tasks.promise(tx, RemakePackage(request_id=request_id, number=number), now=now, hinted=False)


async def open_by_letter(tx: Tx, request: Request, *, vault: Vault, until: datetime) -> None:
    """Without a log-in a package is opened by a code, which the letter brings."""
    if request.channel is not Channel.ACCOUNT:
        await lay_code(tx, request.id, request.person.id, vault=vault, until=until)
        await store.change(tx, request.id, tries=0)


async def _by_mailbox_alone(tx: Tx, request: Request) -> bool:
    """Who works or worked here and did not log in: somebody who knows them looks first."""
    people = await store_erasure.same_person(tx, request.person, by_mailbox=request.proof == BY_CODE)
    return request.channel is not Channel.ACCOUNT and any(person.kind is PersonKind.STAFF for person in people)


async def _still_may(tx: Tx, request_id: RequestId, now: datetime) -> bool:
    """Whether the member of staff who started it, if one did, may still do so; otherwise another releases it (C8)."""
    starter = await store.entered_by(tx, request_id)
    return starter is None or starter in await who_may(tx, "requests:act", now)


async def _add_package(
    tx: Tx, package: Package, content: bytes, *, vault: Vault, now: datetime, until: datetime
) -> None:
    package_id = new_id()
    await make_key(tx, package_id, vault, now=now)
    await store.add_package(
        tx,
        package_id,
        request_id=package.request_id,
        **package.person.named,
        made_at=now,
        expires_at=until,
        **await as_row(tx, package_id, package, content, vault),
    )


async def as_row(tx: Tx, package_id: UUID, package: Package, content: bytes, vault: Vault) -> dict[str, Any]:
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
        "decisions": package.decisions,
    }


async def tell_answered(tx: Tx, request: Request, *, now: datetime) -> None:
    """A letter that the answer is there; it says nothing of what is in it."""
    await promise_letter(tx, MailKind.REQUEST_ANSWERED, request, now=now)


async def promise_letter(tx: Tx, kind: MailKind, request: Request, *, now: datetime) -> None:
    letter = SendMail(kind=kind, subject=request.person.id, occasion=str(request.id))
    await tasks.promise(tx, letter, now=now, hinted=False)
