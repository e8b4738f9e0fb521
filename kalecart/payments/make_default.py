"""Choose what a checkout offers first."""

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, PaymentMethodId
from kalecart.payments import store_methods
from kalecart.payments.method import NotConfirmed


async def make_default(method_id: PaymentMethodId, *, customer_id: CustomerId, db: Database, clock: Clock) -> None:
    """Raises NotFound for what is removed or another customer's, NotConfirmed for an account nobody has proved."""
    async with db.transaction() as tx:
        chosen = await store_methods.lock_method(tx, method_id, customer_id)
        if chosen.removed_at is not None:
            raise NotFound("You have no such payment method.")
        if chosen.kind == "bank" and chosen.verified_at is None:
            raise NotConfirmed("Confirm the small deposit first.")
        await store_methods.make_default(tx, chosen, now=clock.now())
