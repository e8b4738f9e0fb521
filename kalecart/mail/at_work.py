"""What letters to whoever works here are about: the facts their words need, read when they are written."""

from datetime import date
from typing import Any
from uuid import UUID

from kalecart.audits import reads as audits
from kalecart.clock import shop_date
from kalecart.database import Tx
from kalecart.ids import StaffId
from kalecart.mail.message import Message
from kalecart.paper import reads as paper
from kalecart.staff import reads_training as training
from kalecart.staff.note import Change
from kalecart.vault import Vault

Facts = dict[str, Any] | None


async def training_due(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """Nothing where they left, or another training counts by now. `occasion` is its last day and how near that is."""
    day, _, left = message.occasion.partition(":")
    known = await training.standing(tx, StaffId(message.subject_id))
    if known is None or known.ends_at is None or shop_date(known.ends_at).isoformat() != day:
        return None
    return {"ends_at": known.ends_at, "lapsed": left == "0", "never": known.until is None}


async def log_in_changed(_tx: Tx, message: Message, _vault: Vault) -> Facts:
    """`occasion` begins with what changed."""
    return {"what": Change(message.occasion.partition(":")[0]).says, "at": message.due_at}


async def paper_overdue(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """Nothing where all of it was seen to."""
    found = await paper.trouble(tx, now=message.due_at)
    return {"trouble": found} if found.wrong else None


async def audit_due(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """Nothing where it is done by now. `occasion` is what it is, its id, its last day and how near that is."""
    kind, subject, day, standing = message.occasion.split(":")
    title = await audits.still_due(tx, kind, UUID(subject), day, now=message.due_at)
    if title is None:
        return None
    return {"due": kind, "title": title, "due_on": date.fromisoformat(day), "overdue": standing == "overdue"}
