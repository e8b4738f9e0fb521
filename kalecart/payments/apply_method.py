"""Bring a look at a card or bank account into our books: its network renewed it, or Stripe gave it up."""

import json
from datetime import datetime

from kalecart.database import Tx
from kalecart.payments import store_methods
from kalecart.payments.method import MethodSnapshot, expires_on
from kalecart.payments.reads import method_place
from kalecart.vault import Vault


async def apply_method(tx: Tx, seen: MethodSnapshot, *, vault: Vault, now: datetime) -> str:
    """Returns `renewed`, `removed`, `nothing`, or `foreign` for what no customer of ours keeps, which alarms nobody."""
    kept = await store_methods.known_method(tx, seen.stripe_id)
    if kept is None:
        return "foreign"
    if kept.removed_at is not None:
        return "nothing"
    if not seen.attached:
        await store_methods.change(tx, kept.id, removed_at=now, default_since=None)
        return "removed"
    wrapped = await store_methods.wrapped_key_of(tx, kept.customer_id)
    if seen.expires is None or wrapped is None:
        return "nothing"
    described = json.dumps({"last4": seen.last4, "expires": seen.expires})
    sealed = vault.unwrap(wrapped).seal(described, method_place(kept.id))
    # It may expire again, and then its owner is told again.
    values = {"sealed": sealed, "expires_on": expires_on(seen.expires), "expiry_told_at": None}
    await store_methods.change(tx, kept.id, **values)
    return "renewed"
