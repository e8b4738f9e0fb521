"""The audit trail: who did what to which thing, kept for good.

Append-only by privilege: no role may change or remove a line. A line is written in the transaction of the act, so that
neither exists without the other. It holds ids, codes and counts, never a person's data. Seconds later it is chained to
all lines before it (`kalecart/trail/`), so that not even the database's owner changes one unseen.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from kalecart.database import Tx
from kalecart.ids import CustomerId, StaffId, new_id
from kalecart.tables import metadata

ActorKind = Literal["staff", "customer", "shop"]
Fact = str | int | bool | UUID | None

audit_entry: Final = sa.Table(
    "audit_entry",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor_kind", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Uuid),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("subject_kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", JSONB, nullable=False, server_default="{}"),
    sa.CheckConstraint("actor_kind IN ('staff', 'customer', 'shop')", name="audit_entry_actor_known"),
    sa.CheckConstraint("(actor_kind = 'shop') = (actor_id IS NULL)", name="audit_entry_actor_named"),
    sa.Index("ix_audit_entry_subject", "subject_kind", "subject", "at"),
    sa.Index("ix_audit_entry_at", "at"),
)

# Ids, codes and key names. A name, an address or an e-mail does not fit.
_CODE: Final = re.compile(r"[A-Za-z0-9_.:/{}-]{1,200}")


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: a member of staff or a customer by id, or the shop itself, which has none."""

    kind: ActorKind
    id: UUID | None = None


SHOP: Final = Actor(kind="shop")


def by_staff(staff_id: StaffId) -> Actor:
    return Actor(kind="staff", id=staff_id)


def by_customer(customer_id: CustomerId) -> Actor:
    return Actor(kind="customer", id=customer_id)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What was acted on: a kind and an id such as `("task", task_id)`. `detail` has ids, codes, counts and cents."""

    subject: tuple[str, object]
    detail: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kind, name = self.subject
        texts = (kind, str(name), *self.detail, *map(str, self.detail.values()))
        if not all(_CODE.fullmatch(text) for text in texts):
            raise ValueError("the audit trail holds ids, codes and counts only")


async def record(
    tx: Tx,
    act: str,
    *,
    by: Actor,
    subject: tuple[str, object],
    now: datetime,
    detail: Mapping[str, Fact] | None = None,
) -> None:
    """Write one line. `act` is a code such as `task_retried`. Free text is a bug and raises ValueError."""
    await record_each(tx, act, [Entry(subject=subject, detail=detail or {})], by=by, now=now)


async def record_each(tx: Tx, act: str, entries: Sequence[Entry], *, by: Actor, now: datetime) -> None:
    """The same act on many things: a line for each."""
    lines = [
        {
            "id": new_id(),
            "at": now,
            "actor_kind": by.kind,
            "actor_id": by.id,
            "act": act,
            "subject_kind": entry.subject[0],
            "subject": str(entry.subject[1]),
            "detail": {name: str(fact) if isinstance(fact, UUID) else fact for name, fact in entry.detail.items()},
        }
        for entry in entries
    ]
    await tx.execute(sa.insert(audit_entry), lines)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line as pages show it."""

    at: datetime
    actor_kind: ActorKind
    actor_id: UUID | None
    act: str
    detail: Mapping[str, Fact]


async def last_done(tx: Tx, act: str, subject: tuple[str, object]) -> datetime | None:
    """When something was done to one thing for the last time."""
    kind, name = subject
    about = (audit_entry.c.subject_kind == kind) & (audit_entry.c.subject == str(name)) & (audit_entry.c.act == act)
    return await tx.scalar(sa.select(sa.func.max(audit_entry.c.at)).where(about))


async def lines_about(tx: Tx, subject: tuple[str, object], *, limit: int) -> list[Line]:
    """What was done to one thing, the latest first."""
    kind, name = subject
    columns = (audit_entry.c.at, audit_entry.c.actor_kind, audit_entry.c.actor_id, audit_entry.c.act)
    about = (audit_entry.c.subject_kind == kind) & (audit_entry.c.subject == str(name))
    rows = await tx.execute(
        sa.select(*columns, audit_entry.c.detail)
        .where(about)
        .order_by(audit_entry.c.at.desc(), audit_entry.c.id.desc())
        .limit(limit)
    )
    return [Line(**row) for row in rows.mappings()]
