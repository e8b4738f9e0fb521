"""Take a complaint from the web: from a customer who is logged in, or from whoever can be reached by e-mail (C12)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from kalecart.allowances import Allowance, Allowances
from kalecart.clock import Clock
from kalecart.complaints.complaint import Channel, Written
from kalecart.complaints.lodge import Arrived, Lodged, Person, lodge, lodged_before, person_by_email
from kalecart.customers.contact import email_key, parse_email, parse_name
from kalecart.customers.problems import Problems
from kalecart.database import Database
from kalecart.errors import Invalid
from kalecart.ids import CustomerId
from kalecart.vault import Vault

PER_ORIGIN: Final = (Allowance(kind="complaint_origin", tries=10, seconds=3600),)
PER_PERSON: Final = (Allowance(kind="complaint_person", tries=5, seconds=3600),)


@dataclass(frozen=True, kw_only=True)
class Form:
    """What was typed, and the id the form gives it. Name and e-mail count only where nobody is
    logged in."""

    written: Written
    name: str = field(repr=False, default="")
    email: str = field(repr=False, default="")
    about_manager: bool = False
    made: UUID | None = None


async def complain(
    form: Form,
    origin: str,
    *,
    customer_id: CustomerId | None,
    db: Database,
    vault: Vault,
    clock: Clock,
    allowances: Allowances,
) -> Lodged:
    """Lodge it as received now, once. Raises Invalid with every field's problem, and TooManyTries."""
    (name, email), problems = _reach(form.name, form.email) if customer_id is None else (("", ""), Problems())
    problems.raise_any()
    await allowances.spend(PER_ORIGIN, vault.blind_index("origin", origin))
    whose = customer_id.bytes if customer_id else vault.blind_index("email", email_key(email))
    await allowances.spend(PER_PERSON, whose)
    now = clock.now()
    async with db.transaction() as tx:
        if before := await lodged_before(tx, form.made, vault):
            return before
        person = (
            Person(customer_id=customer_id)
            if customer_id
            else await person_by_email(tx, email, name or None, vault=vault, now=now)
        )
        arrived = Arrived(channel=Channel.WEB, received_at=now, about_manager=form.about_manager, made=form.made)
        return await lodge(tx, form.written, person, arrived, vault=vault, now=now)


def parse_written(
    concerns: Sequence[str], text: str, *, name: str, email: str, customer_id: CustomerId | None
) -> Written:
    """Raises Invalid with every field's problem: those of name and address too, where nobody is logged in."""
    try:
        return Written.parse(concerns, text)
    except Invalid as refusal:
        wrong = {} if customer_id else _reach(name, email)[1].found
        raise Invalid({**refusal.problems, **wrong}) from None


def _reach(name: str, email: str) -> tuple[tuple[str, str], Problems]:
    problems = Problems()
    named = problems.take("/name", parse_name, name, instead="") if name.strip() else ""
    return (named, problems.take("/email", parse_email, email, instead="")), problems
