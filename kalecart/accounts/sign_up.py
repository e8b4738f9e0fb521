"""Sign up for delivery: who you are, where to deliver, and what you agree to (C1, C4, C7)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from kalecart.accounts.enter import enter
from kalecart.accounts.visit import Entered, Visit
from kalecart.allowances import Allowance, Allowances
from kalecart.clock import Clock
from kalecart.consent import store as consents
from kalecart.consent.purpose import Purpose
from kalecart.consent.record import entry, shown_version
from kalecart.consent.words import CONSEQUENCE
from kalecart.customers import store
from kalecart.customers.address import NOWHERE, Address, parse_address
from kalecart.customers.contact import email_key, parse_email, parse_name, parse_phone
from kalecart.customers.password_rules import parse_password
from kalecart.customers.passwords import hash_password
from kalecart.customers.problems import Problems
from kalecart.customers.profile import seal, seal_address
from kalecart.database import ConstraintBroken, Database, Tx
from kalecart.errors import Conflict
from kalecart.ids import AddressId, CustomerId, new_id
from kalecart.terms import Terms
from kalecart.vault import Vault, make_key

# Being told that an address is taken tells who our customers are, so it is not told for long.
TAKEN_TOLD: Final = (Allowance(kind="taken", tries=20, seconds=3600),)


class EmailTaken(Conflict):
    """There is an account with this e-mail address."""


@dataclass(frozen=True, kw_only=True)
class SignUp:
    """The form as it was sent. `policy_version` is the one that was shown; None means the one in force (E87)."""

    name: str
    email: str
    phone: str
    address: Address
    password: str
    payment_and_delivery: bool
    improve_service: bool = False
    policy_version: str | None = None
    # The browser asks not to be counted (Sec-GPC): a switch that is on all the same is the person's own choice.
    signal: bool = False

    def __repr__(self) -> str:
        return "SignUp(***)"


@dataclass(frozen=True, kw_only=True)
class _Parsed:
    texts: dict[str, str]
    address: Address
    password: str


async def sign_up(
    asked: SignUp, visit: Visit, *, db: Database, vault: Vault, clock: Clock, terms: Terms, allowances: Allowances
) -> Entered:
    """Make a customer out of a visitor, and log them in with the cart they filled.

    Raises Invalid with every field's problem at once, EmailTaken, and TooManyTries for who only wants to know that.
    """
    parsed = _parse(asked, terms)
    origin = vault.blind_index("origin", visit.origin)
    await allowances.require(TAKEN_TOLD, origin)
    password_hash = await hash_password(parsed.password)
    customer_id = CustomerId(new_id())
    now = clock.now()
    try:
        async with db.transaction() as tx:
            await _add(tx, customer_id, parsed, password_hash=password_hash, vault=vault, now=now)
            await _consent(tx, customer_id, asked, clock)
            return await enter(tx, customer_id, visit, now=now)
    except ConstraintBroken as error:
        if error.constraint != "customer_email_once":
            raise
    await allowances.spend(TAKEN_TOLD, origin)
    raise EmailTaken("Log in with it, or sign up with another address.")


def _parse(asked: SignUp, terms: Terms) -> _Parsed:
    problems = Problems()
    name = problems.take("/name", parse_name, asked.name, instead="")
    email = problems.take("/email", parse_email, asked.email, instead="")
    phone = problems.take("/phone", parse_phone, asked.phone, instead="")
    address = problems.take("/address", partial(parse_address, terms=terms), asked.address, instead=NOWHERE)
    strong = partial(parse_password, email=email or asked.email, name=name or asked.name)
    password = problems.take("/password", strong, asked.password, instead="")
    if not asked.payment_and_delivery:
        problems.refuse("/payment_and_delivery", f"Switch this on to sign up. {CONSEQUENCE}")
    problems.raise_any()
    return _Parsed(texts={"name": name, "email": email, "phone": phone}, address=address, password=password)


async def _add(
    tx: Tx, customer_id: CustomerId, parsed: _Parsed, *, password_hash: str, vault: Vault, now: datetime
) -> None:
    key = await make_key(tx, customer_id, vault, now=now)
    address_id = AddressId(new_id())
    await store.add(
        tx,
        customer_id,
        **seal(key, customer_id, parsed.texts),
        email_index=vault.blind_index("email", email_key(parsed.texts["email"])),
        password_hash=password_hash,
        address_id=address_id,
        source="sign_up",
        signed_up_at=now,
    )
    sealed = seal_address(key, address_id, parsed.address)
    await store.add_address(tx, address_id, customer_id=customer_id, sealed=sealed, now=now)


async def _consent(tx: Tx, customer_id: CustomerId, asked: SignUp, clock: Clock) -> None:
    """Both answers are kept: that the optional switch was left off is an answer too."""
    version = await shown_version(tx, asked.policy_version, clock=clock)
    given = {
        Purpose.PAYMENT_AND_DELIVERY: asked.payment_and_delivery,
        Purpose.IMPROVE_SERVICE: asked.improve_service,
    }
    for purpose, yes in given.items():
        await consents.add(
            tx, entry(purpose, customer_id, version, given=yes, source="sign_up", signal=asked.signal), now=clock.now()
        )
