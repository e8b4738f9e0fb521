"""All SQL that changes requests, packages and the links to them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.alerts import close_alerts
from kalecart.customers import store as customers
from kalecart.database import Pg, Tx
from kalecart.deadline import Stage
from kalecart.ids import CustomerId, RequestId, StaffId
from kalecart.privacy.register.entry import Reason
from kalecart.privacy.request import ARROWS, INSTANTS, OPEN, Channel, Kind, Level, Request, State
from kalecart.privacy.subject import Person, PersonKind
from kalecart.privacy.tables import privacy_link, privacy_package, privacy_request, privacy_stage
from kalecart.vault import data_key

_FIELDS: Final = tuple(privacy_request.c[field.name] for field in fields(Request))
_KINDS: Final[Mapping[str, Any]] = {"kind": Kind, "channel": Channel, "level": Level, "refusal": Reason}
# What is raised about a request while it is open.
ALERTS: Final = ("request_review", "request_due", "request_late")
OPEN_ROW: Final = (
    privacy_request.c.answered_at.is_(None)
    & privacy_request.c.refused_at.is_(None)
    & privacy_request.c.joined_at.is_(None)
    & privacy_request.c.erased_at.is_(None)
)

_REVIEWED: Final = privacy_request.c.review_at.is_not(None) & OPEN_ROW


async def lock(tx: Tx, person: Person) -> bool:
    """Hold a person until the transaction ends, and before any request of theirs, as whoever erases them does.

    False for a customer there is not.
    """
    if person.kind is PersonKind.CUSTOMER:
        return await customers.lock(tx, CustomerId(person.id))
    # Locking a row takes the right to change it, and not everybody who has to wait may change these.
    turn = int.from_bytes(person.id.bytes[8:], signed=True)
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(turn)))
    return True


async def add(tx: Tx, request: Request, *, recorded_at: datetime, entered_by: StaffId | None = None) -> None:
    values: dict[str, Any] = {column.name: getattr(request, column.name) for column in _FIELDS}
    values |= {"recorded_at": recorded_at, "entered_by": entered_by}
    await tx.execute(sa.insert(privacy_request).values(**values))


async def find(tx: Tx, request_id: RequestId, *, lock: bool = False) -> Request | None:
    wanted = sa.select(*_FIELDS).where(privacy_request.c.id == request_id)
    row = (await tx.execute(wanted.with_for_update() if lock else wanted)).mappings().one_or_none()
    return request_of(row) if row else None


async def entered_by(tx: Tx, request_id: RequestId) -> StaffId | None:
    """The member of staff who wrote it down; None where the person asked themselves."""
    found = await tx.scalar(sa.select(privacy_request.c.entered_by).where(privacy_request.c.id == request_id))
    return StaffId(found) if found else None


async def open_one(tx: Tx, asked: Request) -> Request | None:
    """The request of its person and kind that is open, the oldest of them, locked: one more joins it (E57).

    Who works here asks at the console, and is answered there; nobody who left gets in, so their letters stand alone.
    """
    person = asked.person
    mine = sa.select(*_FIELDS).where(about(person), privacy_request.c.kind == asked.kind, OPEN_ROW)
    if person.kind is PersonKind.STAFF:
        at_console = privacy_request.c.channel == Channel.ACCOUNT
        mine = mine.where(at_console if asked.channel is Channel.ACCOUNT else ~at_console)
    first = mine.order_by(privacy_request.c.received_at, privacy_request.c.id).limit(1).with_for_update()
    row = (await tx.execute(first)).mappings().one_or_none()
    return request_of(row) if row else None


def about(person: Person) -> sa.ColumnElement[bool]:
    return privacy_request.c[person.kind.column] == person.id


async def move(tx: Tx, request: Request, state: State, *, now: datetime, **values: Any) -> None:
    """Follow an arrow. The caller holds the row's lock; raises RequestMovedOn where there is no such arrow."""
    request.require_arrow(state)
    await change(tx, request.id, **{INSTANTS[state]: now}, **values)
    if state not in OPEN:
        await _decided(tx, [request.id], now=now)


async def answer(tx: Tx, request_id: RequestId, *, now: datetime) -> None:
    """What was asked is done; a request that is further already is left as it is."""
    request = await find(tx, request_id, lock=True)
    if request is not None and State.ANSWERED in ARROWS[request.state]:
        await move(tx, request, State.ANSWERED, now=now)


async def close_erased(tx: Tx, person: Person, *, now: datetime) -> None:
    """An erased person has nothing open: what asked for it is answered, the rest closed. The caller holds them."""
    mine = sa.select(*_FIELDS).where(about(person), OPEN_ROW)
    found = [request_of(row) for row in (await tx.execute(mine.with_for_update())).mappings()]
    for request in found:
        state = State.ANSWERED if request.kind is Kind.ERASURE else State.ERASED
        await move(tx, request, state, now=now, code_sealed=None, code_until=None)


async def _decided(tx: Tx, request_ids: Sequence[UUID], *, now: datetime) -> None:
    """What was raised about them while they were open is over."""
    for kind in ALERTS:
        await close_alerts(tx, kind, [str(request_id) for request_id in request_ids], now=now)


async def change(tx: Tx, request_id: RequestId, **values: Any) -> None:
    await tx.execute(sa.update(privacy_request).where(privacy_request.c.id == request_id).values(**values))


async def sealed_code(tx: Tx, request_id: RequestId, *, now: datetime) -> bytes | None:
    good = (privacy_request.c.id == request_id) & (privacy_request.c.code_until > now)
    return await tx.scalar(sa.select(privacy_request.c.code_sealed).where(good))


async def empty_codes(tx: Tx, *, now: datetime) -> None:
    """Let go of codes that open nothing any more."""
    over = sa.update(privacy_request).where(privacy_request.c.code_until <= now, ~_REVIEWED)
    await tx.execute(over.values(code_sealed=None, code_until=None))


async def tell_progress(pg: Pg, request_id: RequestId, *, done: int, total: int) -> None:
    """How many rows a worker has read, of how many."""
    told = "UPDATE privacy_request SET rows_done = $2, rows_total = $3 WHERE id = $1"
    await pg.execute(told, request_id, done, total)


async def add_package(tx: Tx, package_id: UUID, **values: Any) -> None:
    await tx.execute(sa.insert(privacy_package).values(id=package_id, **values))


async def replace_package(tx: Tx, package_id: UUID, **values: Any) -> None:
    mine = sa.update(privacy_package).where(privacy_package.c.id == package_id, privacy_package.c.sealed.is_not(None))
    await tx.execute(mine.values(**values))


async def empty_packages(tx: Tx, *, now: datetime) -> Sequence[UUID]:
    """Let go of what is in packages whose time is over; returns whose keys are to be destroyed.

    One that is reviewed stays until that is done, however late: its person has had no day to fetch it.
    """
    late = privacy_package.c.request_id.in_(sa.select(privacy_request.c.id).where(_REVIEWED))
    over = sa.update(privacy_package).where(privacy_package.c.expires_at <= now, privacy_package.c.sealed.is_not(None))
    over = over.where(~late)
    return (await tx.execute(over.values(sealed=None).returning(privacy_package.c.id))).scalars().all()


async def keep_until(tx: Tx, request_id: RequestId, *, until: datetime) -> None:
    """The package, and the code that opens it without a log-in, from the moment they can be used."""
    made = (privacy_package.c.request_id == request_id) & privacy_package.c.sealed.is_not(None)
    await tx.execute(sa.update(privacy_package).where(made).values(expires_at=until))
    laid = (privacy_request.c.id == request_id) & privacy_request.c.code_sealed.is_not(None)
    await tx.execute(sa.update(privacy_request).where(laid).values(code_until=until))


async def drop_links(tx: Tx, package_ids: Sequence[UUID]) -> None:
    """Links open nothing any more once their package is gone."""
    if package_ids:
        await tx.execute(sa.delete(privacy_link).where(privacy_link.c.package_id.in_(package_ids)))


async def drop_keys(tx: Tx, package_ids: Sequence[UUID]) -> None:
    """Destroy the keys of packages; what is left of them in backups is noise."""
    if package_ids:
        await tx.execute(sa.delete(data_key).where(data_key.c.customer_id.in_(package_ids)))


async def add_link(
    tx: Tx, token_hash: bytes, *, package_id: UUID, person: Person, now: datetime, expires_at: datetime
) -> None:
    row = {"package_id": package_id, "made_at": now, "expires_at": expires_at}
    await tx.execute(sa.insert(privacy_link).values(token_hash=token_hash, **row, **person.named))


async def use_link(tx: Tx, token_hash: bytes, *, request_id: RequestId, person: Person, now: datetime) -> bool:
    """Use a link up: False for one of another person or package, one too old, and one used before (E61)."""
    of_request = sa.select(privacy_package.c.id).where(privacy_package.c.request_id == request_id)
    mine = sa.update(privacy_link).where(
        privacy_link.c.token_hash == token_hash,
        privacy_link.c[person.kind.column] == person.id,
        privacy_link.c.package_id.in_(of_request),
        privacy_link.c.used_at.is_(None),
        privacy_link.c.expires_at > now,
    )
    return (await tx.execute(mine.values(used_at=now))).rowcount == 1


async def notice(tx: Tx, request_id: RequestId, stage: Stage, *, now: datetime) -> bool:
    """Note that a stage was reached; False where that was noted before."""
    row = insert(privacy_stage).values(request_id=request_id, stage=stage, noticed_at=now)
    noted = await tx.execute(row.on_conflict_do_nothing().returning(privacy_stage.c.stage))
    return noted.scalar_one_or_none() is not None


def request_of(row: Any) -> Request:
    values: dict[str, Any] = {column.name: row[column.name] for column in _FIELDS}
    kinds: dict[str, Any] = {name: kind(values[name]) if values[name] else None for name, kind in _KINDS.items()}
    return Request(**(values | kinds))
