"""Keep a US bank account for a customer whose payment record allows it (C1): its numbers stay at Stripe."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.disclosures import Field
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, PaymentMethodId, new_id
from kalecart.payments import reads_standing, store_methods
from kalecart.payments.bank_account import (
    SUCCEEDED,
    TO_CONFIRM,
    TO_VERIFY,
    Acceptance,
    AccountUnusable,
    BankAccountNotAllowed,
    BankSetup,
)
from kalecart.payments.gateway import Gateway
from kalecart.payments.method import PaymentMethodView
from kalecart.payments.note_told import note_told
from kalecart.payments.reads import method_place
from kalecart.payments.store_methods import KnownAtStripe
from kalecart.payments.stripe_customer import customer_at_stripe
from kalecart.vault import Vault

# Stripe keeps with a mandate from where it was given.
MANDATE_FIELDS: Final = (Field.INTERNET_ADDRESS, Field.BROWSER)


@dataclass(frozen=True, kw_only=True)
class Counter:
    """What saving an account needs, and whose it will be."""

    customer_id: CustomerId
    db: Database
    gateway: Gateway
    vault: Vault
    clock: Clock


async def begin_account(at: Counter) -> BankSetup:
    """Make room at Stripe for an account that is to be typed into Stripe's own dialog.

    Raises BankAccountNotAllowed with the reason (E24).
    """
    await _require_standing(at)
    stripe_customer_id, _ = await _at_stripe(at)
    return await at.gateway.begin_setup(stripe_customer_id=stripe_customer_id, key=f"setup:{new_id()}")


async def setup_of(setup_id: str, at: Counter) -> BankSetup:
    """How far it is at Stripe. Raises NotFound for one that is not this customer's."""
    async with at.db.direct() as pg:
        known = await store_methods.known_at_stripe(pg, at.customer_id)
    setup = await at.gateway.read_setup(setup_id)
    if setup is None or known.stripe_customer_id is None or setup.stripe_customer_id != known.stripe_customer_id:
        raise NotFound("Begin again: there is no such account being added.")
    return setup


async def finish_account(setup_id: str, accepted: Acceptance, at: Counter) -> PaymentMethodView:
    """Keep what was typed in, with the mandate; what the browser says of it is not asked for.

    Raises NotFound, BankAccountNotAllowed, Invalid for old words, AccountUnusable. Repeating the call is safe.
    """
    accepted.require_current()
    await _require_standing(at)
    setup = await setup_of(setup_id, at)
    if setup.status == TO_CONFIRM:
        # Asked again only where Stripe says that it was not confirmed, so every time under a key of its own.
        await _note(at, MANDATE_FIELDS, setup_id)
        setup = await at.gateway.confirm_setup(setup_id, accepted, key=f"setup-confirm:{setup_id}:{new_id()}")
    return await _keep(setup, at)


async def save_account(stripe_method_id: str, accepted: Acceptance, at: Counter) -> PaymentMethodView:
    """The same for an account Stripe has an id for already."""
    accepted.require_current()
    await _require_standing(at)
    stripe_customer_id, _ = await _at_stripe(at)
    # A key of its own each time, as for a card: what Stripe calls the account is kept once however often it is set up.
    key = f"account:{new_id()}"
    await _note(at, (Field.PAYMENT_METHOD, *MANDATE_FIELDS), stripe_method_id)
    setup = await at.gateway.set_up(stripe_method_id, accepted, stripe_customer_id=stripe_customer_id, key=key)
    return await _keep(setup, at)


async def _at_stripe(at: Counter) -> tuple[str, KnownAtStripe]:
    return await customer_at_stripe(at.customer_id, db=at.db, gateway=at.gateway, clock=at.clock)


async def _note(at: Counter, fields: Collection[Field], reference: str) -> None:
    await note_told(at.customer_id, fields, reference=reference, db=at.db, clock=at.clock)


async def _require_standing(at: Counter) -> None:
    async with at.db.snapshot() as tx:
        standing = await reads_standing.standing_of(tx, at.customer_id, now=at.clock.now())
    if standing.words is not None:
        raise BankAccountNotAllowed(standing.words, hindrance=str(standing.hindrance))


async def _keep(setup: BankSetup, at: Counter) -> PaymentMethodView:
    account = setup.account
    if account is None or setup.mandate_id is None or setup.status not in {SUCCEEDED, TO_VERIFY}:
        raise AccountUnusable("Enter it again, or use a card. Nothing was charged.")
    async with at.db.direct() as pg:
        known = await store_methods.known_at_stripe(pg, at.customer_id)
    method_id, now = PaymentMethodId(new_id()), at.clock.now()
    verified = setup.status == SUCCEEDED
    described = json.dumps({"last4": account.last4, "bank": account.bank})
    row = {
        "id": method_id,
        "customer_id": at.customer_id,
        "stripe_id": account.stripe_id,
        "kind": "bank",
        "sealed": at.vault.unwrap(known.wrapped, known.master_key).seal(described, method_place(method_id)),
        "added_at": now,
        "verified_at": now if verified else None,
    }
    async with at.db.transaction() as tx:
        kept = await store_methods.keep_method(tx, row)
        if kept is None:
            raise AccountUnusable("Enter it again, or use a card. Nothing was charged.")
        await store_methods.keep_mandate(tx, kept, at.customer_id, stripe_id=setup.mandate_id, accepted_at=now)
    return PaymentMethodView(id=kept, kind="bank", last4=account.last4, bank=account.bank, verified=verified)
