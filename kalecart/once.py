"""What a form makes is made once, however often the form is sent: it comes with the id of what it makes."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx


async def made_before(tx: Tx, made: UUID | None, *ids: sa.Column[Any]) -> bool:
    """Whether one of these columns has this id. Whoever makes it at this moment is waited for; None is always new."""
    if made is None:
        return False
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(int.from_bytes(made.bytes[:8], signed=True))))
    return bool(await tx.scalar(sa.select(sa.or_(*(sa.exists().where(each == made) for each in ids)))))
