"""All SQL that writes down which messages were read."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Tx
from kalecart.ids import new_id
from kalecart.inbound.outcome import Outcome
from kalecart.inbound.tables import inbound_message


async def outcome_of(tx: Tx, key_hash: bytes) -> Outcome | None:
    """What became of a message that was read before. Whoever reads the same one at this moment waits for the other."""
    turn = int.from_bytes(key_hash[:8], signed=True)
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(turn)))
    known = await tx.scalar(sa.select(inbound_message.c.outcome).where(inbound_message.c.key_hash == key_hash))
    return None if known is None else Outcome(known)


async def note(tx: Tx, key_hash: bytes, outcome: Outcome, *, now: datetime) -> None:
    row = {"id": new_id(), "key_hash": key_hash, "outcome": outcome, "read_at": now}
    await tx.execute(insert(inbound_message).values(**row).on_conflict_do_nothing())
