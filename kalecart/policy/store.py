"""All SQL that publishes the policy, and keeps who read which version."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Tx
from kalecart.policy.tables import policy_delivery, policy_version
from kalecart.policy.versions import PolicyVersion


async def add(tx: Tx, version: PolicyVersion, *, now: datetime) -> bool:
    """Publish a version; False where it was published before."""
    row = insert(policy_version).values(
        version=version.version,
        sha256=version.sha256,
        text=version.text,
        effective_on=version.effective_on,
        published_at=now,
    )
    added = await tx.execute(row.on_conflict_do_nothing(index_elements=["version"]))
    return added.rowcount == 1


async def sha256_of(tx: Tx, version: str) -> bytes | None:
    return await tx.scalar(sa.select(policy_version.c.sha256).where(policy_version.c.version == version))


async def untold(tx: Tx) -> Sequence[str]:
    """Versions that not every customer of their time has been told of, the oldest first."""
    of_them = sa.select(policy_version.c.version).where(policy_version.c.told_at.is_(None))
    return list(await tx.scalars(of_them.order_by(policy_version.c.published_at, policy_version.c.version)))


async def mark_told(tx: Tx, version: str, *, now: datetime) -> None:
    mine = policy_version.c.version == version
    await tx.execute(sa.update(policy_version).where(mine).values(told_at=now))


async def acknowledge(tx: Tx, person_id: UUID, version: str, *, now: datetime) -> Sequence[str]:
    """A person read this version, and with it what it replaces; which of them they had not acknowledged before."""
    read = sa.select(policy_version.c.effective_on).where(policy_version.c.version == version).scalar_subquery()
    older = sa.select(policy_version.c.version).where(policy_version.c.effective_on <= read)
    mine = (
        (policy_delivery.c.person_id == person_id)
        & policy_delivery.c.acknowledged_at.is_(None)
        & policy_delivery.c.version.in_(older)
    )
    changed = sa.update(policy_delivery).where(mine).values(acknowledged_at=now).returning(policy_delivery.c.version)
    return sorted((await tx.execute(changed)).scalars())
