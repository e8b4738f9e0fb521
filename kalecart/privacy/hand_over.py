"""Hand a package over: a link that opens once and soon, for the person who has just proved again who they are (C10)."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kalecart import audit
from kalecart.accounts.prove import prove
from kalecart.allowances import Allowances
from kalecart.chance import new_token, token_hash
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.disclosures import Field, Ground, Recipient, disclose
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, RequestId, StaffId
from kalecart.privacy import reads, store
from kalecart.privacy.codes import code_of, same
from kalecart.privacy.proofs import TRIES_MAX
from kalecart.privacy.reads import Package, Shown
from kalecart.privacy.request import State
from kalecart.privacy.subject import Person, PersonKind
from kalecart.staff.prove import prove_staff
from kalecart.vault import Place, Vault, key_of

LINK_OPENS: Final = timedelta(minutes=15)


class NoSuchPackage(NotFound):
    """This opens no package."""


@dataclass(frozen=True, kw_only=True)
class Download:
    """A ZIP, and what to call it."""

    name: str
    content: bytes

    def __repr__(self) -> str:
        return f"Download({self.name})"


async def open_link(
    request_id: RequestId, *, customer_id: CustomerId, password: str, db: Database, clock: Clock, allowances: Allowances
) -> str:
    """The token of a new link. Raises Invalid at `/password`, TooManyTries, and NoSuchPackage."""
    await prove(customer_id, password, field="/password", db=db, allowances=allowances)
    return await _link(request_id, Person.customer(customer_id), db=db, clock=clock)


async def open_link_at_work(
    request_id: RequestId, *, staff_id: StaffId, password: str, db: Database, clock: Clock, allowances: Allowances
) -> str:
    """The same for somebody at the console."""
    await prove_staff(staff_id, password, field="/password", db=db, allowances=allowances)
    return await _link(request_id, Person.staff(staff_id), db=db, clock=clock)


async def _link(request_id: RequestId, person: Person, *, db: Database, clock: Clock) -> str:
    now, token = clock.now(), new_token()
    async with db.transaction() as tx:
        package = _released(await reads.shown(tx, request_id, person))
        if package is None or not package.available(now):
            raise NoSuchPackage("Ask for a new one.")
        await store.add_link(
            tx,
            token_hash(token),
            package_id=package.id,
            person=person,
            now=now,
            expires_at=min(now + LINK_OPENS, package.expires_at),
        )
    return token


async def hand_over(
    request_id: RequestId, token: str, *, person: Person, db: Database, vault: Vault, clock: Clock
) -> Download:
    """Use the link up and open the package, on record (C10).

    Raises NoSuchPackage, and keeps that somebody tried, for a link that is used, too old or another's (E61).
    """
    now, by, subject = clock.now(), _actor(person), ("privacy_request", request_id)
    async with db.transaction() as tx:
        await store.lock(tx, person)
        if await store.use_link(tx, token_hash(token), request_id=request_id, person=person, now=now):
            opened = await _opened(tx, await reads.shown(tx, request_id, person), by=by, vault=vault, now=now)
            if opened is not None:
                return opened
        await audit.record(tx, "package_refused", by=by, subject=subject, now=now)
    raise NoSuchPackage("A link opens once, within a quarter of an hour, for whoever made it. Make a new one.")


async def hand_over_by_code(request_id: RequestId, code: str, *, db: Database, vault: Vault, clock: Clock) -> Download:
    """For somebody without a log-in: the code from the letter opens it once; five wrong ones close it (E61).

    Raises NoSuchPackage, in the same words whatever was wrong.
    """
    now, subject = clock.now(), ("privacy_request", request_id)
    async with db.transaction() as tx:
        found = await store.find(tx, request_id)
        if found is not None:
            await store.lock(tx, found.person)  # before the request, as whoever erases does
        request = await store.find(tx, request_id, lock=True)
        if request is not None and request.tries < TRIES_MAX:
            laid = await code_of(tx, request_id, request.person.id, vault=vault, now=now)
            right = same(code, laid)
            shown = await reads.shown(tx, request_id)
            opened = await _opened(tx, shown, by=_actor(request.person), vault=vault, now=now) if right else None
            if opened is not None:
                await store.change(tx, request_id, code_sealed=None, code_until=None)
                return opened
            # The right one that comes before the package is released stays good.
            await store.change(tx, request_id, tries=request.tries + (not right))
        await audit.record(tx, "package_refused", by=audit.SHOP, subject=subject, now=now)
    raise NoSuchPackage("Check the code. It opens the package once, and for seven days.")


async def _opened(tx: Tx, shown: Shown, *, by: audit.Actor, vault: Vault, now: datetime) -> Download | None:
    """Open what was released, and write down that it left."""
    package = _released(shown)
    sealed = await reads.sealed_package(tx, package.id) if package else None
    if package is None or sealed is None or not package.available(now):
        return None
    key = await key_of(tx, package.id, vault)
    subject = ("privacy_request", shown.request.id)
    await audit.record(tx, "package_downloaded", by=by, subject=subject, now=now)
    await disclose(
        tx,
        package.person.id,
        recipient=Recipient.DOWNLOAD,
        fields=[Field.PACKAGE],
        ground=Ground.ACCESS,
        reference=package.id,
        now=now,
    )
    text = key.open(sealed, Place("privacy_package", "sealed", package.id))
    return Download(name=f"kalecart-{package.snapshot_at:%Y-%m-%d}.zip", content=base64.b64decode(text))


def _actor(person: Person) -> audit.Actor:
    """The trail has no name for whoever has no account: the request it is about says who it was."""
    if person.kind is PersonKind.CORRESPONDENT:
        return audit.SHOP
    return audit.Actor(kind="staff" if person.kind is PersonKind.STAFF else "customer", id=person.id)


def _released(shown: Shown) -> Package | None:
    return shown.package if shown.request.state is State.ANSWERED else None
