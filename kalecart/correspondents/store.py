"""All SQL that changes correspondents. What is personal is sealed before it gets here."""

import os
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from kalecart.correspondents.source import Source
from kalecart.correspondents.tables import correspondent
from kalecart.customers.contact import email_key
from kalecart.database import Tx
from kalecart.ids import CorrespondentId, new_id
from kalecart.vault import Place, Vault, make_key

INDEX_BYTES: Final = 16


async def keep(
    tx: Tx, email: str, *, name: str | None = None, source: Source, vault: Vault, now: datetime
) -> CorrespondentId:
    """Whom to write to: the same person for the same address and source, however often they write.

    `email` and `name` are parsed (`kalecart.customers.contact`). The name that was given first stays.
    """
    index = vault.blind_index("email", email_key(email))
    # Two letters of one person at once: the second waits here and finds what the first wrote.
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(int.from_bytes(index[:8], signed=True))))
    same = (correspondent.c.email_index == index) & (correspondent.c.source == source)
    known = await tx.scalar(sa.select(correspondent.c.id).where(same))
    if known is not None:
        return CorrespondentId(known)
    person_id = CorrespondentId(new_id())
    key = await make_key(tx, person_id, vault, now=now)
    row = {
        "id": person_id,
        "email_sealed": key.seal(email, Place("correspondent", "email_sealed", person_id)),
        "email_index": index,
        "name_sealed": key.seal(name, Place("correspondent", "name_sealed", person_id)) if name else None,
        "source": source,
        "added_at": now,
    }
    await tx.execute(sa.insert(correspondent).values(**row))
    return person_id


async def forget(tx: Tx, correspondent_id: CorrespondentId) -> None:
    """Empty the row, which letters still point at, so that it finds nobody. Its key is the caller's to destroy."""
    nothing = {"email_sealed": b"", "name_sealed": None, "email_index": os.urandom(INDEX_BYTES)}
    await tx.execute(sa.update(correspondent).where(correspondent.c.id == correspondent_id).values(**nothing))
