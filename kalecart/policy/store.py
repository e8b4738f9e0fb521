"""All SQL that publishes the policy."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Tx
from kalecart.policy.tables import policy_version
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
