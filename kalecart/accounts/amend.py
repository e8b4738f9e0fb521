"""Keep one's details right: name, address, phone number, e-mail address (C7)."""

from dataclasses import dataclass
from functools import partial

from kalecart.accounts.prove import prove
from kalecart.accounts.sign_up import TAKEN_TOLD, EmailTaken
from kalecart.allowances import Allowances
from kalecart.clock import Clock
from kalecart.customers import reads, store
from kalecart.customers.address import NOWHERE, Address, parse_address
from kalecart.customers.contact import email_key, parse_email, parse_name, parse_phone
from kalecart.customers.problems import Problems
from kalecart.customers.profile import Profile, seal, seal_address
from kalecart.database import ConstraintBroken, Database, Tx
from kalecart.errors import NotFound
from kalecart.ids import AddressId, CustomerId, new_id
from kalecart.terms import Terms
from kalecart.vault import Vault, key_of


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """What is to change; None leaves it as it is. A new e-mail address is a new way in, so it takes the password."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: Address | None = None
    password: str = ""

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
    """Correct a customer's details and return them all. An order that was placed keeps the address it had.

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
            await _write(tx, customer_id, texts, vault)
            if address is not None:
                await _move(tx, customer_id, address, vault, clock)
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


async def _write(tx: Tx, customer_id: CustomerId, texts: dict[str, str], vault: Vault) -> None:
    if not await store.lock(tx, customer_id):
        raise NotFound("There is no such customer.")
    if not texts:
        return
    values = seal(await key_of(tx, customer_id, vault), customer_id, texts)
    if "email" in texts:
        values["email_index"] = vault.blind_index("email", email_key(texts["email"]))
    await store.change(tx, customer_id, **values)


async def _move(tx: Tx, customer_id: CustomerId, address: Address, vault: Vault, clock: Clock) -> None:
    address_id = AddressId(new_id())
    sealed = seal_address(await key_of(tx, customer_id, vault), address_id, address)
    await store.add_address(tx, address_id, customer_id=customer_id, sealed=sealed, now=clock.now())
    await store.change(tx, customer_id, address_id=address_id)
