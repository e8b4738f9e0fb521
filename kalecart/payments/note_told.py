"""Write down what Stripe is about to be told of a customer (C10): alone, before the call, because a refused card was
told of too, and because no transaction is open while Stripe is asked."""

from collections.abc import Collection

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.disclosures import Field, Ground, Recipient, disclose
from kalecart.ids import CustomerId


async def note_told(
    customer_id: CustomerId, fields: Collection[Field], *, reference: object, db: Database, clock: Clock
) -> None:
    """`reference` is the id of what it is about: an order, a refund, a method, or Stripe's own of one."""
    async with db.transaction() as tx:
        about = {"recipient": Recipient.STRIPE, "ground": Ground.PAYMENT, "reference": reference}
        await disclose(tx, customer_id, fields=fields, **about, now=clock.now())
