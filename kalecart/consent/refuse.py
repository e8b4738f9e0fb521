"""Refuse one field (C5): what then happens is in the necessity table, and nowhere else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from kalecart.clock import Clock
from kalecart.consent import reads, store
from kalecart.consent.purpose import NECESSITIES, Ends, Necessity, Purpose
from kalecart.consent.reads import ConsentState
from kalecart.consent.record import entry, shown_version
from kalecart.consent.suspend import settle
from kalecart.customers import store as customers
from kalecart.database import Database
from kalecart.errors import NotFound, Refused
from kalecart.ids import CustomerId


class StillNeeded(Refused):
    """Your account needs this."""


async def refuse_field(
    field: str,
    *,
    customer_id: CustomerId,
    db: Database,
    clock: Clock,
    notice: timedelta,
    necessities: Sequence[Necessity] = NECESSITIES,
) -> list[ConsentState]:
    """Say no to a field and return what holds. Where it is optional nothing is changed and nothing written (E46).

    Where delivery needs it, that is a withdrawal of the consent to payment and delivery, with its notice (E47).
    Raises StillNeeded, with the reason and the consequence, for what an account cannot do without, and NotFound.
    """
    necessity = next((row for row in necessities if row.field == field), None)
    if necessity is None:
        raise NotFound("We do not ask for this.")
    if necessity.ends is Ends.ACCOUNT:
        raise StillNeeded(f"{necessity.reason} {necessity.without} You may ask us to erase the account instead.")
    async with db.transaction() as tx:
        if not await customers.lock(tx, customer_id):
            raise NotFound("There is no such customer.")
        if necessity.ends is Ends.DELIVERY:
            now = clock.now()
            held = {state.purpose: state for state in await reads.consents_of(tx, customer_id)}
            if held[necessity.purpose].given:
                version = await shown_version(tx, None, clock=clock)
                refused = entry(necessity.purpose, customer_id, version, given=False, source="account_page")
                await store.add(tx, replace(refused, field=field), now=now)
            await settle(tx, customer_id, field=field, notice=notice, now=now)
        return await reads.consents_of(tx, customer_id)


def refusable(necessities: Sequence[Necessity] = NECESSITIES) -> list[Necessity]:
    """Fields a person may refuse and keep the account, and what happens then is a matter of delivery."""
    return [row for row in necessities if row.ends is Ends.DELIVERY and row.purpose is Purpose.PAYMENT_AND_DELIVERY]
