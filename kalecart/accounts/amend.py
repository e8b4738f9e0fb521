"""Keep one's details right: name, address, phone number, e-mail address (C7).

What a detail said before stays, sealed: a person can look up what was changed, and the address that mail went to before
is told that it no longer does.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from kalecart import tasks
from kalecart.accounts.correct_elsewhere import bring_orders, note_stripe
from kalecart.accounts.prove import prove
from kalecart.accounts.sign_up import TAKEN_TOLD, EmailTaken
from kalecart.allowances import Allowances
from kalecart.clock import Clock
from kalecart.customers import reads, store
from kalecart.customers.address import NOWHERE, Address, parse_address
from kalecart.customers.contact import email_key, parse_email, parse_name, parse_phone
from kalecart.customers.correction import ANSWERED_BY, CheckAnswer, Field, Why
from kalecart.customers.problems import Problems
from kalecart.customers.profile import Profile, seal, seal_address, seal_past
from kalecart.database import ConstraintBroken, Database, Tx
from kalecart.errors import NotFound
from kalecart.ids import AddressId, CustomerId, OrderId, StaffId, new_id
from kalecart.jobs import SendMail
from kalecart.mail_kinds import MailKind
from kalecart.terms import Terms
from kalecart.vault import DataKey, Vault, key_of


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """What is to change; None leaves it as it is. A new e-mail address is a new way in, so it takes the password.

    `orders` are those that are to come to the new address, as far as nobody has begun to pack them. `why` and `by` are
    for staff who fulfil a request; `by` None is the person.
    """

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: Address | None = None
    password: str = ""
    orders: tuple[OrderId, ...] = ()
    why: Why = "own_correction"
    by: StaffId | None = None

    def __repr__(self) -> str:
        return "Amendment(***)"


async def amend(
    asked: Amendment,
    *,
    customer_id: CustomerId,
    db: Database,
    vault: Vault,
    clock: Clock,
    terms: Terms,
    allowances: Allowances,
) -> Profile:
    """Correct a customer's details and return them all. An order that was placed keeps the address it had, but
    for those that are named and not packed yet.

    Raises Invalid with every field's problem at once (`/password` for a new e-mail address without it), EmailTaken,
    and TooManyTries.
    """
    texts, address = _parse(asked, terms)
    async with db.snapshot() as tx:
        before = await reads.profile(tx, customer_id, vault)
    if "email" in texts and email_key(texts["email"]) != email_key(before.email):
        await allowances.require(TAKEN_TOLD, customer_id.bytes)
        await prove(customer_id, asked.password, field="/password", db=db, allowances=allowances)
    try:
        async with db.transaction() as tx:
            await _correct(tx, customer_id, asked, texts, address, vault=vault, now=clock.now())
            return await reads.profile(tx, customer_id, vault)
    except ConstraintBroken as error:
        if error.constraint != "customer_email_once":
            raise
    await allowances.spend(TAKEN_TOLD, customer_id.bytes)
    raise EmailTaken("Choose another address.")


def _parse(asked: Amendment, terms: Terms) -> tuple[dict[str, str], Address | None]:
    problems = Problems()
    parsers = {"name": parse_name, "email": parse_email, "phone": parse_phone}
    given = {field: typed for field in parsers if (typed := getattr(asked, field)) is not None}
    texts = {field: problems.take(f"/{field}", parsers[field], typed, instead="") for field, typed in given.items()}
    address = asked.address
    if address is not None:
        address = problems.take("/address", partial(parse_address, terms=terms), address, instead=NOWHERE)
    problems.raise_any()
    return texts, address


async def _correct(
    tx: Tx,
    customer_id: CustomerId,
    asked: Amendment,
    texts: dict[str, str],
    address: Address | None,
    *,
    vault: Vault,
    now: datetime,
) -> None:
    """What differs from what is held, and nothing else."""
    if not await store.lock(tx, customer_id):
        raise NotFound("There is no such customer.")
    before = await reads.profile(tx, customer_id, vault)
    key = await key_of(tx, customer_id, vault)
    texts = {field: text for field, text in texts.items() if text != getattr(before, field)}
    past = _Past(tx, customer_id, key, asked, now)
    for field in texts:
        past_id = await past.keep(field, getattr(before, field))  # ty: ignore[invalid-argument-type]  # by `_parse`
        if field == "email":
            warning = SendMail(kind=MailKind.EMAIL_CHANGED, subject=past_id)
            await tasks.promise(tx, warning, now=now, hinted=False)
    if texts:
        await store.change(tx, customer_id, **_sealed(key, customer_id, texts, vault, now))
    if address is not None and address != before.address:
        past_id = await past.keep("address", before.address.to_text())
        address_id = await _move(tx, customer_id, address, key, now)
        await bring_orders(tx, past_id, customer_id, address_id, asked.orders, now=now)
    await past.answer()


class _Past:
    """What the corrected details said before."""

    def __init__(self, tx: Tx, customer_id: CustomerId, key: DataKey, asked: Amendment, now: datetime) -> None:
        self._tx, self._customer, self._key, self._asked, self._now = tx, customer_id, key, asked, now
        self._fields: set[Field] = set()

    async def keep(self, field: Field, text: str) -> UUID:
        past_id = new_id()
        self._fields.add(field)
        await store.keep_past(
            self._tx,
            past_id,
            self._customer,
            field=field,
            sealed=seal_past(self._key, past_id, text),
            why=self._asked.why,
            staff_id=self._asked.by,
            changed_at=self._now,
        )
        await note_stripe(self._tx, past_id, self._customer, field, now=self._now)
        return past_id

    async def answer(self) -> None:
        """Whoever corrects what was asked about has answered."""
        answered = [why for why, fields in ANSWERED_BY.items() if fields & self._fields]
        if answered:
            await store.answer_checks(self._tx, self._customer, answered, CheckAnswer.CORRECTED, now=self._now)


def _sealed(
    key: DataKey, customer_id: CustomerId, texts: dict[str, str], vault: Vault, now: datetime
) -> dict[str, Any]:
    values: dict[str, Any] = {**seal(key, customer_id, texts)}
    if "email" in texts:
        values["email_index"] = vault.blind_index("email", email_key(texts["email"]))
        values["email_changed_at"] = now
    return values


async def _move(tx: Tx, customer_id: CustomerId, address: Address, key: DataKey, now: datetime) -> AddressId:
    address_id = AddressId(new_id())
    sealed = seal_address(key, address_id, address)
    await store.add_address(tx, address_id, customer_id=customer_id, sealed=sealed, now=now)
    await store.change(tx, customer_id, address_id=address_id)
    return address_id
