"""A code for the mailbox on file: sealed with its owner's key until it is used or too old."""

import hmac
from datetime import datetime
from uuid import UUID

from kalecart.database import Tx
from kalecart.ids import RequestId, new_code, plain_code
from kalecart.privacy import store
from kalecart.vault import Place, Vault, key_of


def same(typed: str, code: str | None) -> bool:
    """As a person types it. Takes as long whatever was typed."""
    return hmac.compare_digest(plain_code(typed).encode(), (code or "").encode()) and code is not None


async def lay_code(tx: Tx, request_id: RequestId, person_id: UUID, *, vault: Vault, until: datetime) -> None:
    """A fresh code; one that was there opens nothing any more."""
    key = await key_of(tx, person_id, vault)
    sealed = key.seal(new_code(), Place("privacy_request", "code_sealed", request_id))
    await store.change(tx, request_id, code_sealed=sealed, code_until=until)


async def code_of(tx: Tx, request_id: RequestId, person_id: UUID, *, vault: Vault, now: datetime) -> str | None:
    """The code that is good now."""
    sealed = await store.sealed_code(tx, request_id, now=now)
    if sealed is None:
        return None
    key = await key_of(tx, person_id, vault)
    return key.open(sealed, Place("privacy_request", "code_sealed", request_id))
