"""What the shop asks of a payment provider. `payments.stripe` does it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

from kalecart.errors import Refused, Unavailable
from kalecart.ids import CustomerId, OrderId, RefundId
from kalecart.payments.bank_account import Acceptance, BankSetup, MandateSnapshot, Proof
from kalecart.payments.dispute import DisputeSnapshot
from kalecart.payments.event import EventSnapshot
from kalecart.payments.intent import IntentSnapshot
from kalecart.payments.listing import Span
from kalecart.payments.method import CardSnapshot, MethodSnapshot
from kalecart.payments.refund import RefundSnapshot


class ServerError(Unavailable):
    """The payment provider failed inside.

    The outcome is unknown, and the same key would replay this answer.
    """


class NotAtStripe(Refused):
    """The payment provider knows nothing of this."""


class Gateway(Protocol):
    """Every call may raise Unavailable: then its outcome is unknown, never failed. What reads by id raises NotAtStripe
    where there is nothing of that id."""

    async def create_intent(
        self, order_id: OrderId, *, amount_cents: int, stripe_customer_id: str, key: str
    ) -> IntentSnapshot:
        """An intention to collect, not confirmed yet: no money moves."""
        ...

    async def confirm_intent(self, stripe_id: str, *, method_id: str, order_id: OrderId, key: str) -> IntentSnapshot:
        """Try to collect. A declined card is an answer, not an error, and so is a bank that wants to hear from its
        customer; afterwards the bank sends them back to the order's page."""
        ...

    async def cancel_intent(self, stripe_id: str, *, key: str) -> IntentSnapshot:
        """Make sure that no more money moves; the answer says where it did already."""
        ...

    async def read_intent(self, stripe_id: str) -> IntentSnapshot: ...

    async def bank_page(self, stripe_id: str) -> str | None:
        """Where the customer confirms with their bank; None where nothing is to be confirmed."""
        ...

    async def create_refund(
        self, refund_id: RefundId, *, stripe_id: str, amount_cents: int, key: str
    ) -> RefundSnapshot:
        """Give money back. A refund that Stripe does not make is an answer: `failed`, without an id."""
        ...

    async def refunds_of(self, stripe_id: str) -> Sequence[RefundSnapshot]:
        """All refunds of a PaymentIntent, newest first."""
        ...

    async def read_refund(self, stripe_id: str) -> RefundSnapshot: ...

    async def read_dispute(self, stripe_id: str) -> DisputeSnapshot: ...

    async def answers(self) -> None:
        """Raises Unavailable where the provider does not answer at all."""
        ...

    def intents(self, span: Span) -> AsyncIterator[Sequence[IntentSnapshot]]:
        """All that were made in a span of time, newest first, in pages; so are the next three."""
        ...

    def refunds(self, span: Span) -> AsyncIterator[Sequence[RefundSnapshot]]: ...

    def disputes(self, span: Span) -> AsyncIterator[Sequence[DisputeSnapshot]]: ...

    def events(self, span: Span) -> AsyncIterator[Sequence[EventSnapshot]]:
        """Only what may change the books."""
        ...

    async def create_customer(self, customer_id: CustomerId, *, key: str) -> str:
        """A customer at the provider; carries our id and nothing about the person."""
        ...

    async def held_about(self, stripe_customer_id: str) -> Sequence[Mapping[str, Any]]:
        """What the provider holds about a customer: the customer, then each thing to pay with. Raises NotAtStripe."""
        ...

    async def delete_customer(self, stripe_customer_id: str, *, key: str) -> None:
        """Have the provider forget a customer and all that was saved for them; one it does not know is forgotten."""
        ...

    async def read_card(self, method_id: str) -> CardSnapshot:
        """Look at a card before anything is done with it. Raises CardUnusable."""
        ...

    async def attach_card(self, method_id: str, *, stripe_customer_id: str, key: str) -> CardSnapshot:
        """Keep a card for the customer; may give it a new id. Raises CardUnusable."""
        ...

    async def read_method(self, method_id: str) -> MethodSnapshot:
        """A card or a bank account as it is now; not attached where the provider knows of none."""
        ...

    async def detach(self, method_id: str, *, key: str) -> None:
        """Make sure that it is never charged again; one that is detached already stays so."""
        ...

    async def begin_setup(self, *, stripe_customer_id: str, key: str) -> BankSetup:
        """Room for a bank account that is to be typed in."""
        ...

    async def read_setup(self, setup_id: str) -> BankSetup | None: ...

    async def confirm_setup(self, setup_id: str, accepted: Acceptance, *, key: str) -> BankSetup:
        """Tie what was typed in to its customer, by their mandate. Raises AccountUnusable."""
        ...

    async def set_up(self, method_id: str, accepted: Acceptance, *, stripe_customer_id: str, key: str) -> BankSetup:
        """The same in one call for an account that has an id. Raises AccountUnusable."""
        ...

    async def verify_deposits(self, method_id: str, proof: Proof) -> bool:
        """Whether the account is its owner's now; False where it never can be. Raises WrongDeposit."""
        ...

    async def read_mandate(self, mandate_id: str) -> MandateSnapshot: ...
