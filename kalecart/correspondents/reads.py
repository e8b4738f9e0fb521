"""Correspondents as letters need them."""

import sqlalchemy as sa

from kalecart.correspondents.source import NAMELESS
from kalecart.correspondents.tables import correspondent
from kalecart.customers.contact import mailable
from kalecart.customers.profile import Reach
from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.ids import CorrespondentId
from kalecart.vault import Place, Vault, key_of


async def wrote(tx: Tx, email_index: bytes) -> bool:
    """Whether whoever has this address wrote to us before."""
    return await tx.scalar(sa.select(sa.exists().where(correspondent.c.email_index == email_index))) is True


async def reach_of(tx: Tx, correspondent_id: CorrespondentId, vault: Vault) -> Reach:
    """How to write to somebody without an account; `email` is empty where they wrote on paper."""
    row = (await tx.execute(sa.select(correspondent).where(correspondent.c.id == correspondent_id))).one_or_none()
    if row is None or not row.email_sealed:
        raise NotFound("There is no such correspondent.")
    key = await key_of(tx, correspondent_id, vault)

    def text(column: str) -> str:
        return key.open(getattr(row, column), Place("correspondent", column, correspondent_id))

    email = text("email_sealed")
    name = text("name_sealed") if row.name_sealed else NAMELESS
    return Reach(name=name, email=mailable(email) if email else "")
