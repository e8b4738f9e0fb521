"""Tell a member of staff, and write down for good, that what they log in with changed (C8)."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart import audit, tasks
from kalecart.database import Tx
from kalecart.ids import StaffId, new_id
from kalecart.jobs import SendMail
from kalecart.mail_kinds import MailKind


class Change(StrEnum):
    """The letter about it and its line in the trail go by this name."""

    KEY_ADDED = "key_added"
    KEY_REMOVED = "key_removed"
    CODE_SET = "code_set"
    CODE_REMOVED = "code_removed"
    RECOVERY_MADE = "recovery_made"
    RECOVERY_USED = "recovery_used"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # no password
    RESET = "reset"

    @property
    def says(self) -> str:
        """The letter's first sentence."""
        return _WORDS[self]


_WORDS: Final = {
    Change.KEY_ADDED: "A passkey was added to your log-in at the console.",
    Change.KEY_REMOVED: "A passkey was removed from your log-in at the console.",
    Change.CODE_SET: "An app that makes one-time codes was added to your log-in at the console.",
    Change.CODE_REMOVED: "One-time codes were removed from your log-in at the console.",
    Change.RECOVERY_MADE: "New recovery codes were made for your log-in at the console. Those before open nothing now.",
    Change.RECOVERY_USED: "Somebody logged in at the console with your password and one of your recovery codes.",
    Change.PASSWORD_CHANGED: "Your password for the console was changed, and every other log-in was ended.",
    Change.RESET: "Your passkeys, one-time codes and recovery codes were removed, and all your log-ins were ended."
    " Your password is the same.",
}


async def note(
    tx: Tx, change: Change, staff_id: StaffId, *, by: StaffId | None, now: datetime, thing: UUID | None = None
) -> None:
    """`by` is None at the command line; `thing` names the passkey."""
    who = audit.by_staff(by) if by else audit.SHOP
    detail: dict[str, audit.Fact] = {"key": thing} if thing else {}
    await audit.record(tx, f"log_in_{change}", by=who, subject=("staff", staff_id), now=now, detail=detail)
    letter = SendMail(kind=MailKind.LOG_IN_CHANGED, subject=staff_id, occasion=f"{change}:{new_id()}")
    await tasks.promise(tx, letter, now=now)
