"""Bring a look at a card or bank account into our books: its network renewed it, or Stripe gave it up."""

import json
from datetime import datetime
from typing import Final

from kalecart.database import Tx
from kalecart.payments import store_methods
from kalecart.payments.bank_account import SUCCEEDED, BankSetup, MandateSnapshot
from kalecart.payments.gateway import Gateway
from kalecart.payments.method import MethodSnapshot, expires_on
from kalecart.payments.reads import method_place
from kalecart.vault import CannotOpen, Vault, key_of

METHOD_KINDS: Final = ("payment_method.", "mandate.", "setup_intent.")
MethodLook = MethodSnapshot | MandateSnapshot | BankSetup


async def look_at_method(kind: str, object_id: str, gateway: Gateway) -> list[MethodLook]:
    """What an event of this kind is about, as it is now; nothing where Stripe knows of none."""
    if kind.startswith("mandate."):
        return [await gateway.read_mandate(object_id)]
    if kind.startswith("payment_method."):
        return [await gateway.read_method(object_id)]
    setup = await gateway.read_setup(object_id)
    return [setup] if setup else []


async def apply_method(tx: Tx, seen: MethodLook, *, vault: Vault, now: datetime) -> str:
    """Returns `renewed`, `verified`, `removed`, `nothing`; `foreign` for what nobody here keeps: no alarm."""
    if isinstance(seen, MandateSnapshot):
        return await _mandate(tx, seen, now=now)
    if isinstance(seen, BankSetup):
        return await _setup(tx, seen, now=now)
    return await _method(tx, seen, vault=vault, now=now)


async def _method(tx: Tx, seen: MethodSnapshot, *, vault: Vault, now: datetime) -> str:
    kept = await store_methods.known_method(tx, seen.stripe_id)
    if kept is None:
        return "foreign"
    if kept.removed_at is not None:
        return "nothing"
    if not seen.attached:
        await store_methods.change(tx, kept.id, removed_at=now, default_since=None)
        return "removed"
    if seen.expires is None:
        return "nothing"
    try:
        key = await key_of(tx, kept.customer_id, vault)
    except CannotOpen:  # somebody who was erased: nothing is written back about them (E69)
        return "nothing"
    described = json.dumps({"last4": seen.last4, "expires": seen.expires})
    sealed = key.seal(described, method_place(kept.id))
    # It may expire again, and then its owner is told again.
    values = {"sealed": sealed, "expires_on": expires_on(seen.expires), "expiry_told_at": None}
    await store_methods.change(tx, kept.id, **values)
    return "renewed"


async def _mandate(tx: Tx, seen: MandateSnapshot, *, now: datetime) -> str:
    """A mandate that ended takes its account away: nobody may debit it any more."""
    kept = await store_methods.known_method(tx, seen.method_id)
    if kept is None:
        return "foreign"
    if kept.removed_at is not None or not seen.ended:
        return "nothing"
    await store_methods.change(tx, kept.id, removed_at=now, default_since=None)
    return "removed"


async def _setup(tx: Tx, seen: BankSetup, *, now: datetime) -> str:
    """An account that its owner proved on Stripe's own page."""
    kept = await store_methods.known_method(tx, seen.account.stripe_id) if seen.account else None
    if kept is None:
        return "foreign"
    if kept.verified_at is not None or seen.status != SUCCEEDED:
        return "nothing"
    await store_methods.change(tx, kept.id, verified_at=now)
    return "verified"
