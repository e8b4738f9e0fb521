"""Keep what belongs to a complaint beside it, sealed with its person's key: what they added, and what came on paper."""

import base64
from datetime import datetime
from uuid import UUID

from kalecart.complaints import store
from kalecart.complaints.complaint import Complaint
from kalecart.database import Tx
from kalecart.ids import StaffId, new_id
from kalecart.vault import Place, Vault, key_of


async def append_text(
    tx: Tx, case: Complaint, text: str, *, made: UUID | None = None, vault: Vault, now: datetime
) -> None:
    """What the person wrote later; `made` is the id the form gives it."""
    await _append(tx, case, "text", text.strip(), made, by=None, vault=vault, now=now)


async def append_scan(
    tx: Tx, case: Complaint, content: bytes, *, by: StaffId | None, vault: Vault, now: datetime
) -> None:
    """A file: a scan that staff made, or what came with an e-mail."""
    await _append(tx, case, "scan", base64.b64encode(content).decode(), None, by=by, vault=vault, now=now)


async def _append(
    tx: Tx,
    case: Complaint,
    kind: str,
    content: str,
    made: UUID | None,
    *,
    by: StaffId | None,
    vault: Vault,
    now: datetime,
) -> None:
    addition_id = made or new_id()
    key = await key_of(tx, case.person_id, vault)
    sealed = key.seal(content, Place("complaint_addition", "content_sealed", addition_id))
    await store.add_addition(tx, case.id, addition_id, kind=kind, content_sealed=sealed, added_by=by, added_at=now)
