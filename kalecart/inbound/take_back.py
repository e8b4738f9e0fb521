"""Write down that a letter of ours came back (E86).

Anybody can write a report. It counts where it names a letter that went out, by a number nobody can guess, and the
address that letter went to.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kalecart import tasks, tombstones
from kalecart.complaints import reads as complaints_read
from kalecart.complaints import store as complaints
from kalecart.customers import store as customers
from kalecart.customers.correction import CheckWhy
from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.inbound.outcome import Outcome
from kalecart.inbound.returned import Returned
from kalecart.mail import reads, store
from kalecart.mail.compose import reach
from kalecart.mail.message import MailState, Message
from kalecart.mail_kinds import MailKind
from kalecart.vault import Vault

# Mail servers give up after days: what is older than this is for a person to look at.
RETURNS_WITHIN: Final = timedelta(days=30)


async def take_back(tx: Tx, returned: Returned, *, domain: str, vault: Vault, now: datetime) -> Outcome | None:
    """None where the letter is still being handed over: look again in a while."""
    letter_id = returned.letter_id(domain)
    if not returned.final:
        return Outcome.LATE if returned.under_way else Outcome.ASIDE
    try:
        message = await reads.message(tx, letter_id) if letter_id else None
    except NotFound:
        message = None
    if message is None or await _long_ago(tx, message, now):
        return Outcome.ASIDE
    if message.state is MailState.SENDING:
        return None
    erased = await tombstones.is_erased(tx, message.person_id)
    if not erased and not await _went_to(tx, message, returned, vault):
        return Outcome.ASIDE
    if await store.came_back(tx, message.id, code=returned.code or None, now=now):
        await _say(tx, message, erased=erased, now=now)
    return Outcome.CAME_BACK


async def _long_ago(tx: Tx, message: Message, now: datetime) -> bool:
    """Whether no mail server can still have had it. Its person knows the number for ever, and could take back what
    reached them."""
    out = (await reads.posted(tx, message.id)).sent_at or message.due_at
    return now - out > RETURNS_WITHIN


async def _went_to(tx: Tx, message: Message, returned: Returned, vault: Vault) -> bool:
    """Whether the report is about the address we wrote to. Whoever corrected theirs since is a case for a person."""
    return (await reach(tx, message, vault)).email.lower() in returned.recipients


async def _say(tx: Tx, message: Message, *, erased: bool, now: datetime) -> None:
    await tasks.raise_alert(tx, "mail_returned", str(message.id), now=now)
    if message.kind is MailKind.COMPLAINT_ANSWERED and not erased:  # whom nobody could answer again
        answer_id = UUID(message.occasion)
        await complaints.answer_bounced(tx, answer_id, now=now)
        case_id = await complaints_read.of_answer(tx, answer_id)
        if case_id is not None and (await complaints_read.find(tx, case_id)).open:
            await tasks.raise_alert(tx, "complaint_unreached", str(case_id), now=now)
    if message.customer_id is not None and message.kind is not MailKind.EMAIL_CHANGED and not erased:
        await customers.raise_check(tx, message.customer_id, CheckWhy.MAIL_FAILED, now=now)
