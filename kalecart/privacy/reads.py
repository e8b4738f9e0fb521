"""Requests as pages and verbs need them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from kalecart import tombstones
from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, RequestId
from kalecart.privacy.erasure_tables import erasure
from kalecart.privacy.request import Request
from kalecart.privacy.restriction import Restriction
from kalecart.privacy.store import OPEN_ROW, about, request_of
from kalecart.privacy.store_restriction import restrictions
from kalecart.privacy.subject import Person, person_named
from kalecart.privacy.tables import privacy_package, privacy_request
from kalecart.vault import data_key

REQUESTS_MAX: Final = 200


@dataclass(frozen=True, kw_only=True)
class Package:
    """What is known of a package without opening it."""

    id: UUID
    request_id: RequestId
    person: Person
    snapshot_at: datetime
    made_at: datetime
    expires_at: datetime
    kept: bool
    bytes: int
    records: int
    withheld: Sequence[Mapping[str, Any]]
    unread: Sequence[str]
    decisions: int

    def available(self, now: datetime) -> bool:
        return self.kept and now < self.expires_at


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the worker is: rows of the total, since when."""

    begun_at: datetime | None
    rows_done: int
    rows_total: int

    @property
    def percent(self) -> int:
        return min(100, 100 * self.rows_done // self.rows_total) if self.rows_total else 0

    def seconds_left(self, now: datetime) -> int | None:
        """By how long the rows so far took; None where nothing is known yet."""
        if self.begun_at is None or not self.rows_done:
            return None
        spent = (now - self.begun_at).total_seconds()
        return max(0, round(spent * (self.rows_total - self.rows_done) / self.rows_done))


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A request with its package and the worker's progress."""

    request: Request
    package: Package | None
    progress: Progress
    recorded_at: datetime
    restrictions: Sequence[Restriction] = ()

    @property
    def remade(self) -> bool:
        """Whether the package obeys all that was decided about it; False while it is made again."""
        last = max((each.number for each in self.restrictions), default=0)
        return self.package is None or self.package.decisions >= last


_PACKAGE: Final = (
    privacy_package.c.id.label("package_id"),
    privacy_package.c.snapshot_at,
    privacy_package.c.made_at,
    privacy_package.c.expires_at,
    privacy_package.c.sealed.is_not(None).label("kept"),
    privacy_package.c.bytes,
    privacy_package.c.records,
    privacy_package.c.withheld,
    privacy_package.c.unread,
    privacy_package.c.decisions,
)
_SHOWN: Final = sa.select(privacy_request, *_PACKAGE).select_from(
    privacy_request.outerjoin(privacy_package, privacy_package.c.request_id == privacy_request.c.id)
)


async def requests_of(tx: Tx, person: Person) -> Sequence[Shown]:
    """A person's requests, the latest first."""
    mine = _SHOWN.where(about(person)).order_by(privacy_request.c.received_at.desc())
    return await _all(tx, mine.limit(REQUESTS_MAX))


async def shown(tx: Tx, request_id: RequestId, person: Person | None = None) -> Shown:
    """One request; where a person is given, only theirs. Raises NotFound."""
    wanted = _SHOWN.where(privacy_request.c.id == request_id)
    if person is not None:
        wanted = wanted.where(about(person))
    found = await _all(tx, wanted)
    if not found:
        raise NotFound("There is no such request.")
    return found[0]


async def board(tx: Tx, *, open_only: bool = True) -> Sequence[Shown]:
    """Every request, the soonest due first."""
    wanted = _SHOWN.where(OPEN_ROW) if open_only else _SHOWN
    order = (privacy_request.c.due_at, privacy_request.c.id) if open_only else (privacy_request.c.recorded_at.desc(),)
    return await _all(tx, wanted.order_by(*order).limit(REQUESTS_MAX))


async def open_requests(tx: Tx) -> Sequence[Request]:
    """What waits for an answer, the soonest due first."""
    rows = await tx.execute(sa.select(privacy_request).where(OPEN_ROW).order_by(privacy_request.c.due_at))
    return [request_of(row) for row in rows.mappings()]


async def is_being_erased(tx: Tx, person: Person) -> bool:
    """Whether somebody's account is closed to be erased, or their key is gone."""
    begun = sa.exists().where(erasure.c[person.kind.column] == person.id)
    key = sa.exists().where(data_key.c.customer_id == person.id)
    return await tx.scalar(sa.select(begun | ~key)) is True


async def incomplete_since(tx: Tx, before: datetime, *, now: datetime) -> Sequence[RequestId]:
    """Packages that were made before then, and still lack a source."""
    gap = sa.select(privacy_package.c.request_id).where(
        privacy_package.c.made_at <= before,
        privacy_package.c.expires_at > now,
        privacy_package.c.sealed.is_not(None),
        privacy_package.c.unread != sa.literal([], JSONB),
    )
    return [RequestId(found) for found in (await tx.execute(gap)).scalars()]


async def order_points(tx: Tx, customer_id: CustomerId) -> tuple[set[str], set[int]]:
    """What a customer may know of their orders: the numbers, and the totals in cents."""
    orders = sa.text("SELECT number, total_cents FROM customer_order WHERE customer_id = :person")
    rows = (await tx.execute(orders, {"person": customer_id})).all()
    return {row.number for row in rows}, {row.total_cents for row in rows}


_NUMBERED: Final = sa.text("""
    SELECT customer_id, NULL::uuid AS correspondent_id FROM customer_order WHERE number = :number
     UNION ALL
    SELECT customer_id, correspondent_id FROM complaint WHERE number = :number
""")


async def person_by_number(tx: Tx, number: str) -> Person | None:
    """Whose order or complaint has this number; None also where they were erased."""
    row = (await tx.execute(_NUMBERED, {"number": number.strip().upper()})).mappings().first()
    person = person_named({**row}) if row else None
    return None if person is None or await tombstones.is_erased(tx, person.id) else person


async def sealed_package(tx: Tx, package_id: UUID) -> bytes | None:
    return await tx.scalar(sa.select(privacy_package.c.sealed).where(privacy_package.c.id == package_id))


async def _all(tx: Tx, wanted: sa.Select) -> Sequence[Shown]:
    rows = (await tx.execute(wanted)).mappings().all()
    decided = await restrictions(tx, [row["id"] for row in rows])
    return [_shown(row, decided.get(row["id"], ())) for row in rows]


def _shown(row: Any, decided: Sequence[Restriction]) -> Shown:
    return Shown(
        request=request_of(row),
        package=_package(row) if row["package_id"] else None,
        progress=Progress(begun_at=row["begun_at"], rows_done=row["rows_done"], rows_total=row["rows_total"]),
        recorded_at=row["recorded_at"],
        restrictions=decided,
    )


def _package(row: Any) -> Package:
    person = person_named(row)
    assert person is not None
    facts = {column.name: row[column.name] for column in _PACKAGE if column.name != "package_id"}
    return Package(id=row["package_id"], request_id=RequestId(row["id"]), person=person, **facts)
