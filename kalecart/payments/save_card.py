"""Keep a card for a customer. Its number stays at Stripe: we learn its network, its kind and its last four digits."""

import json
from typing import Final

from kalecart.allowances import Allowance
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.disclosures import Field
from kalecart.ids import CustomerId, PaymentMethodId, new_id
from kalecart.payments import store_methods
from kalecart.payments.gateway import Gateway
from kalecart.payments.method import CardUnusable, PaymentMethodView, expires_on, require_accepted
from kalecart.payments.note_told import note_told
from kalecart.payments.reads import method_place
from kalecart.payments.stripe_customer import customer_at_stripe
from kalecart.vault import Vault

# Nobody has so many cards. Whoever tries stolen ones, to learn which still work, has thousands.
CARD_TRIES: Final = (Allowance(kind="card", tries=20, seconds=3600),)


async def save_card(
    stripe_method_id: str, *, customer_id: CustomerId, db: Database, gateway: Gateway, vault: Vault, clock: Clock
) -> PaymentMethodView:
    """Check the card's network, attach it at Stripe and keep what may be kept.

    Raises BrandNotAccepted before anything is attached (C14), CardUnusable where Stripe refuses the card, and
    Unavailable; repeating the call is safe.
    """
    require_accepted(await gateway.read_card(stripe_method_id))
    stripe_customer_id, known = await customer_at_stripe(customer_id, db=db, gateway=gateway, clock=clock)
    await note_told(customer_id, (Field.PAYMENT_METHOD,), reference=stripe_method_id, db=db, clock=clock)
    # A key of its own each time: one used before would only repeat the answer about a card that was removed since, or
    # an error of Stripe's own. Attaching twice is attaching once.
    key = f"attach:{new_id()}"
    card = await gateway.attach_card(stripe_method_id, stripe_customer_id=stripe_customer_id, key=key)
    require_accepted(card)
    method_id, now = PaymentMethodId(new_id()), clock.now()
    described = json.dumps({"last4": card.last4, "expires": card.expires})
    row = {
        "id": method_id,
        "customer_id": customer_id,
        "stripe_id": card.stripe_id,
        "kind": "card",
        "brand": card.brand,
        "funding": card.funding,
        "sealed": vault.unwrap(known.wrapped, known.master_key).seal(described, method_place(method_id)),
        "expires_on": expires_on(card.expires),
        "added_at": now,
        "verified_at": now,
    }
    async with db.transaction() as tx:
        kept = await store_methods.keep_method(tx, row)
    if kept is None:
        raise CardUnusable("This card cannot be used. Please enter it again.")
    return PaymentMethodView(id=kept, brand=card.brand, funding=card.funding, last4=card.last4, expires=card.expires)
