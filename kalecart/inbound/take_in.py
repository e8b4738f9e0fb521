"""Make a complaint out of a message, or add it to the one it is about (C12, E82, E83)."""

import re
from datetime import datetime, timedelta
from typing import Final

from kalecart import tasks, tombstones
from kalecart.complaints import reads, store
from kalecart.complaints.append import append_scan, append_text
from kalecart.complaints.complaint import (
    ADDITIONS_MAX,
    CONCERN_LENGTH_MAX,
    FILES_MAX,
    PAPER_BYTES_MAX,
    TEXT_BYTES_MAX,
    Channel,
    Complaint,
    Written,
)
from kalecart.complaints.lodge import Arrived, Person, lodge, person_by_email
from kalecart.correspondents import reads as correspondents
from kalecart.customers import reads as customers
from kalecart.customers.contact import email_key, parse_email, parse_name
from kalecart.customers.problems import Unusable
from kalecart.database import Tx
from kalecart.ids import ORDER_NUMBER_ALPHABET as LETTERS
from kalecart.ids import CorrespondentId
from kalecart.inbound.incoming import Incoming
from kalecart.inbound.outcome import Outcome
from kalecart.inbound.wording import new_in, says_unresolved
from kalecart.jobs import MailKind, SendMail
from kalecart.vault import Vault

# Of one person in a day: so many acknowledgements, so that two machines do not write to each other for ever, and so
# many complaints, after which somebody looks.
ACKNOWLEDGED_A_DAY: Final = 5
LODGED_A_DAY: Final = 20
DAY: Final = timedelta(days=1)
_NUMBER: Final = re.compile(rf"\b[{LETTERS}]{{5}}-[{LETTERS}]{{4}}\b", re.IGNORECASE)
_REST: Final = "\n[…] The rest is in the file beside it."


def number_in(subject: str) -> str | None:
    """The number of a complaint, as its letters have it in their subject."""
    found = _NUMBER.search(subject)
    return found[0].upper() if found else None


async def names_one(tx: Tx, message: Incoming) -> bool:
    """Whether its subject has the number of a complaint: orders have numbers of the same shape."""
    number = number_in(message.subject)
    return number is not None and await store.lock_by_number(tx, number) is not None


async def take_in(tx: Tx, message: Incoming, *, received_at: datetime, vault: Vault, now: datetime) -> Outcome:
    """`received_at` is not later than `now`. Who has no address to answer to is left for a person to read."""
    try:
        sender = parse_email(message.sender)
    except Unusable:
        return Outcome.ASIDE
    number = number_in(message.subject)
    case = await store.lock_by_number(tx, number) if number else None
    if case is not None and await _theirs(tx, case, sender, vault):
        return await _reply(tx, case, message, received_at=received_at, vault=vault, now=now)
    person = await person_by_email(tx, sender, _name(message), vault=vault, now=now)
    return await _lodge(tx, person, message, received_at=received_at, vault=vault, now=now)


async def _theirs(tx: Tx, case: Complaint, sender: str, vault: Vault) -> bool:
    if await tombstones.is_erased(tx, case.person_id):
        return False
    if case.customer_id is not None:
        whom = await customers.reach_of(tx, case.customer_id, vault)
    else:
        whom = await correspondents.reach_of(tx, CorrespondentId(case.person_id), vault)
    return email_key(whom.email) == email_key(sender)


async def _reply(
    tx: Tx, case: Complaint, message: Incoming, *, received_at: datetime, vault: Vault, now: datetime
) -> Outcome:
    """An addition; of an answered complaint a new case where it says so, and otherwise something to be looked at."""
    further = await reads.further(tx, case.id)
    if not case.open and further is None and says_unresolved(new_in(message.text) or message.subject):
        person = Person(customer_id=case.customer_id, correspondent_id=case.correspondent_id)
        arrived = {"previous": case, "received_at": max(received_at, case.received_at)}
        return await _lodge(tx, person, message, **arrived, vault=vault, now=now)
    latest = case if case.open or further is None else await store.lock(tx, further) or case
    text = new_in(message.text) or message.subject
    if await reads.additions(tx, latest.id) + 1 + len(message.attachments) > ADDITIONS_MAX:
        return Outcome.ASIDE
    await append_text(tx, latest, _short(text), vault=vault, now=now)
    left_out = await _files(tx, latest, message, text, vault=vault, now=now)
    if left_out:
        occasion = f"{latest.id}:left_out:{message.key[:12]}"
        letter = SendMail(kind=MailKind.COMPLAINT_RECEIVED, subject=latest.person_id, occasion=occasion)
        await tasks.promise(tx, letter, now=now, hinted=False)
    if not latest.open:
        await tasks.raise_alert(tx, "complaint_replied", str(latest.id), now=now)
    return Outcome.ADDED


async def _lodge(
    tx: Tx,
    person: Person,
    message: Incoming,
    *,
    received_at: datetime,
    vault: Vault,
    now: datetime,
    previous: Complaint | None = None,
) -> Outcome:
    today = await reads.lodged_since(tx, person.id, now - DAY)
    if today >= LODGED_A_DAY:
        return Outcome.ASIDE
    person = Person(
        customer_id=person.customer_id,
        correspondent_id=person.correspondent_id,
        written_to=today < ACKNOWLEDGED_A_DAY,
    )
    text = new_in(message.text) if previous else message.text
    arrived = Arrived(
        channel=Channel.MAIL,
        received_at=received_at,
        about_manager=previous is not None and previous.against is not None,
        previous_id=previous.id if previous else None,
        left_out=_too_large(message),
    )
    lodged = await lodge(tx, _written(message.subject, text), person, arrived, vault=vault, now=now)
    await _files(tx, lodged.complaint, message, text, vault=vault, now=now)
    return Outcome.AGAIN if previous else Outcome.COMPLAINT


def _written(subject: str, text: str) -> Written:
    """The letter is the concern. What is longer than a concern may be is the letter around its beginning."""
    around = [f"Subject: {subject}"] if subject else []
    if len(text) > CONCERN_LENGTH_MAX:
        around.append(_short(text))
        text = text[: CONCERN_LENGTH_MAX - 1].rstrip() + "…"
    return Written(concerns=(text,) if text else (), text="\n\n".join(around))


def _short(text: str) -> str:
    """Cut to what may be kept as text; the whole of it is kept as a file then."""
    if len(text.encode()) <= TEXT_BYTES_MAX:
        return text
    return text.encode()[: TEXT_BYTES_MAX - 1_000].decode("utf-8", "ignore") + _REST


def _too_large(message: Incoming) -> bool:
    large = any(len(each) > PAPER_BYTES_MAX for each in message.attachments)
    return large or not message.whole or len(message.attachments) > FILES_MAX


async def _files(tx: Tx, case: Complaint, message: Incoming, text: str, *, vault: Vault, now: datetime) -> bool:
    """Keep what came with it as far as it may be; whether some of it may not."""
    kept = [each for each in message.attachments if len(each) <= PAPER_BYTES_MAX] if message.whole else []
    if len(text.encode()) > TEXT_BYTES_MAX:
        kept.insert(0, text.encode()[:PAPER_BYTES_MAX])
    for each in kept[:FILES_MAX]:
        await append_scan(tx, case, each, by=None, vault=vault, now=now)
    return _too_large(message)


def _name(message: Incoming) -> str | None:
    try:
        return parse_name(message.name)
    except Unusable:
        return None
