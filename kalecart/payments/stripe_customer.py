"""A customer of ours as a customer of Stripe's, made when they first save something to pay with."""

from dataclasses import replace

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.disclosures import Field
from kalecart.ids import CustomerId, new_id
from kalecart.payments import store_methods
from kalecart.payments.gateway import Gateway, ServerError
from kalecart.payments.note_told import note_told
from kalecart.payments.store_methods import KnownAtStripe


async def customer_at_stripe(
    customer_id: CustomerId, *, db: Database, gateway: Gateway, clock: Clock
) -> tuple[str, KnownAtStripe]:
    """Stripe's id of the customer, kept before anything is tied to it. Stripe is told our id and nothing of them."""
    async with db.direct() as pg:
        known = await store_methods.known_at_stripe(pg, customer_id)
    if known.stripe_customer_id is not None:
        return known.stripe_customer_id, known
    await note_told(customer_id, (Field.CUSTOMER_ID,), reference=customer_id, db=db, clock=clock)
    try:
        made = await gateway.create_customer(customer_id, key=f"customer:{customer_id}")
    except ServerError:
        # Stripe repeats an error of its own for a day under this key. One customer too many there is no harm.
        made = await gateway.create_customer(customer_id, key=f"customer:{new_id()}")
    async with db.direct() as pg:
        kept = await store_methods.keep_stripe_customer(pg, customer_id, made)
    return kept, replace(known, stripe_customer_id=kept)
