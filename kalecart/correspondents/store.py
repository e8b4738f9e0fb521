"""All SQL that changes correspondents. What is personal is sealed before it gets here."""

import os
from collections.abc import Sequence
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
    await _take_turn(tx, index)
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


async def hold(tx: Tx, correspondent_id: CorrespondentId) -> None:
    """Have whoever writes from their address wait until the transaction ends, or wait for them."""
    index = await tx.scalar(sa.select(correspondent.c.email_index).where(correspondent.c.id == correspondent_id))
    if index is not None:
        await _take_turn(tx, index)


async def _take_turn(tx: Tx, email_index: bytes) -> None:
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(int.from_bytes(email_index[:8], signed=True))))


async def with_address(tx: Tx, email_index: bytes) -> Sequence[CorrespondentId]:
    """Whoever has this address: one for each reason they wrote for."""
    found = sa.select(correspondent.c.id).where(correspondent.c.email_index == email_index)
    return [CorrespondentId(each) for each in (await tx.execute(found.order_by(correspondent.c.id))).scalars()]


async def keep_on_paper(tx: Tx, name: str, *, source: Source, vault: Vault, now: datetime) -> CorrespondentId:
    """Somebody who gave no e-mail address: letters to them are printed, and nobody finds them by what they gave."""
    person_id = CorrespondentId(new_id())
    key = await make_key(tx, person_id, vault, now=now)
    row = {
        "id": person_id,
        "email_sealed": key.seal("", Place("correspondent", "email_sealed", person_id)),
        "email_index": os.urandom(INDEX_BYTES),
        "name_sealed": key.seal(name, Place("correspondent", "name_sealed", person_id)),
        "source": source,
        "added_at": now,
    }
    await tx.execute(sa.insert(correspondent).values(**row))
    return person_id
