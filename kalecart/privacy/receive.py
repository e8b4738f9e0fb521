"""Take a request that comes without a log-in: from the public page, or by mail, post or an agent through staff (C10).

Known or not, the same is written, said and sent: only the mailbox learns whether we hold anything under it. Known is a
customer, who works or worked here, and whoever wrote to us before.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from kalecart import audit, tasks
from kalecart.allowances import Allowance, Allowances
from kalecart.clock import Clock
from kalecart.correspondents import reads as correspondents
from kalecart.correspondents.store import keep
from kalecart.customers import store as customers
from kalecart.customers.contact import email_key, parse_email
from kalecart.customers.problems import Problems
from kalecart.database import Database, Tx
from kalecart.errors import Invalid
from kalecart.ids import CorrespondentId, CustomerId
from kalecart.jobs import SendMail
from kalecart.mail_kinds import MailKind
from kalecart.privacy import reads, store
from kalecart.privacy.ask import opt_out, received, take
from kalecart.privacy.codes import lay_code
from kalecart.privacy.proofs import CODE_OPENS
from kalecart.privacy.request import Channel, Kind, Request, State
from kalecart.privacy.subject import Person, PersonKind
from kalecart.staff import reads as staff_reads
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault

PER_ORIGIN: Final = (Allowance(kind="privacy_origin", tries=10, seconds=3600),)
PER_ADDRESS: Final = (Allowance(kind="privacy_address", tries=3, seconds=3600),)
# Older is a slip of the pen, and would be late from its first minute.
ENTERED_AFTER_MAX: Final = timedelta(days=2 * 365)


@dataclass(frozen=True, kw_only=True)
class Received:
    """`email` is whose data it is about, or, where a letter gives none, `number` that of an order or a complaint of
    theirs; `permission_seen` says that an agent showed a signed permission (E55)."""

    kind: Kind
    email: str
    number: str = ""
    channel: Channel = Channel.WEB
    received_at: datetime | None = None
    permission_seen: bool = False

    def __repr__(self) -> str:
        return f"Received({self.kind}, {self.channel})"


async def ask_on_page(
    asked: Received, origin: str, *, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> Request:
    """From somebody who is not logged in. Raises Invalid for what is no address, and TooManyTries."""
    email = _email(asked.email)
    await allowances.spend(PER_ORIGIN, vault.blind_index("origin", origin))
    await allowances.spend(PER_ADDRESS, vault.blind_index("email", email_key(email)))
    return await _receive(asked, email, None, by=audit.SHOP, staff=None, db=db, vault=vault, clock=clock)


async def enter(asked: Received, *, by: StaffMember, db: Database, vault: Vault, clock: Clock) -> Request:
    """Write down what came by mail, by post or from an agent, as of when it reached the shop (C13).

    Raises RoleForbids, and Invalid with every field's problem.
    """
    by.require("requests:act")
    if asked.received_at is None or asked.received_at > clock.now():
        raise Invalid({"/received_at": "Say when it reached us: today or before."})
    if asked.received_at < clock.now() - ENTERED_AFTER_MAX:
        raise Invalid({"/received_at": "That is years ago. Look at the year again."})
    if asked.channel in (Channel.ACCOUNT, Channel.WEB):
        raise Invalid({"/channel": "Choose how it reached us."})
    if asked.channel is Channel.AGENT and not asked.permission_seen and asked.kind.needs_proof:
        raise Invalid({"/permission_seen": "An agent needs a permission that the customer signed. Ask for it first."})
    person = None
    if asked.number.strip() and not asked.email.strip():
        async with db.snapshot() as tx:
            person = await _numbered(tx, asked.number, vault)
    email = "" if person else _email(asked.email)
    who = audit.by_staff(by.id)
    return await _receive(asked, email, person, by=who, staff=by, db=db, vault=vault, clock=clock)


async def _numbered(tx: Tx, number: str, vault: Vault) -> Person:
    """Raises Invalid at `/number` also where no letter can reach them: nothing would come of the request."""
    person = await reads.person_by_number(tx, number)
    if person is None:
        raise Invalid({"/number": "Nobody is known by the number of this order or complaint."})
    if (
        person.kind is PersonKind.CUSTOMER
        or (await correspondents.reach_of(tx, CorrespondentId(person.id), vault)).email
    ):
        return person
    raise Invalid({"/number": "We know no e-mail address of theirs. Write it down as a complaint instead."})


async def _receive(
    asked: Received,
    email: str,
    person: Person | None,
    *,
    by: audit.Actor,
    staff: StaffMember | None,
    db: Database,
    vault: Vault,
    clock: Clock,
) -> Request:
    """From `person`, or from whoever has this address."""
    now = clock.now()
    index = vault.blind_index("email", email_key(email))
    if person is None:
        async with db.transaction() as tx:
            person = await _with_address(tx, index)
    if person is not None and person.kind is PersonKind.CUSTOMER and not asked.kind.needs_proof:
        await opt_out(CustomerId(person.id), db=db, clock=clock)
    async with db.transaction() as tx:
        known = person is not None or await correspondents.wrote(tx, index)
        if person is None:
            person = Person.correspondent(await keep(tx, email, source="request", vault=vault, now=now))
        await store.lock(tx, person)
        request = received(asked.kind, asked.channel, person, received_at=asked.received_at or now)
        request = replace(request, permission_seen=asked.permission_seen)
        answered = await take(tx, request, by=by, now=now, entered_by=staff.id if staff else None)
        if not asked.kind.needs_proof and answered.state is State.UNVERIFIED:
            await store.move(tx, answered, State.ANSWERED, now=now)
            answered = replace(answered, answered_at=now)
        await _write_back(tx, request, answered, known=known, vault=vault, now=now)
    return request


async def _with_address(tx: Tx, email_index: bytes) -> Person | None:
    """A customer, or who works or worked here."""
    customer = await customers.credentials_by_email(tx, email_index)
    if customer is not None:
        return Person.customer(customer.customer_id)
    worker = await staff_reads.ever(tx, email_index)
    return Person.staff(worker) if worker else None


async def _write_back(tx: Tx, request: Request, answered: Request, *, known: bool, vault: Vault, now: datetime) -> None:
    """A code for whoever we know, "we hold nothing" for anybody else. An opt-out is done for whoever asks."""
    person = request.person
    if known and answered.state is State.UNVERIFIED:
        await lay_code(tx, answered.id, person.id, vault=vault, until=now + CODE_OPENS)
    kind = MailKind.REQUEST_CODE if answered.kind.needs_proof else MailKind.REQUEST_ANSWERED
    # Whoever asks once more gets one more letter, with the code that is good now.
    occasion = str(answered.id) if answered.id == request.id else f"{answered.id}:{request.id}"
    letter = SendMail(kind=kind if known else MailKind.REQUEST_UNKNOWN, subject=person.id, occasion=occasion)
    await tasks.promise(tx, letter, now=now, hinted=False)


def _email(typed: str) -> str:
    problems = Problems()
    email = problems.take("/email", parse_email, typed, instead="")
    problems.raise_any()
    return email
