"""What the shop asks of a payment provider. `payments.stripe` does it."""

from typing import Protocol

from kalecart.errors import Unavailable
from kalecart.ids import CustomerId, OrderId
from kalecart.payments.intent import IntentSnapshot
from kalecart.payments.method import CardSnapshot


class ServerError(Unavailable):
    """The payment provider failed inside.

    The outcome is unknown, and the same key would replay this answer.
    """


class Gateway(Protocol):
    """Every call may raise Unavailable: then its outcome is unknown, never failed."""

    async def create_intent(
        self, order_id: OrderId, *, amount_cents: int, stripe_customer_id: str, key: str
    ) -> IntentSnapshot:
        """An intention to collect, not confirmed yet: no money moves."""
        ...

    async def confirm_intent(self, stripe_id: str, *, method_id: str, key: str) -> IntentSnapshot:
        """Try to collect. A declined card is an answer, not an error."""
        ...

    async def read_intent(self, stripe_id: str) -> IntentSnapshot: ...

    async def create_customer(self, customer_id: CustomerId, *, key: str) -> str:
        """A customer at the provider; carries our id and nothing about the person."""
        ...

    async def read_card(self, method_id: str) -> CardSnapshot:
        """Look at a card before anything is done with it. Raises CardUnusable."""
        ...

    async def attach_card(self, method_id: str, *, stripe_customer_id: str, key: str) -> CardSnapshot:
        """Keep a card for the customer; may give it a new id. Raises CardUnusable."""
        ...
