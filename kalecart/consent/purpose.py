"""What personal data is for: two purposes and no third (C1), and why each field is asked (C5).

The necessity table is the one source of the form's explanations, of what a refusal leads to, and of its enforcement.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    """Why data is processed. The database knows the same two."""

    PAYMENT_AND_DELIVERY = "payment_and_delivery"
    IMPROVE_SERVICE = "improve_service"

    @property
    def necessary(self) -> bool:
        """Whether the shop cannot deliver without it."""
        return self is Purpose.PAYMENT_AND_DELIVERY


class Decision(StrEnum):
    """What a person decided about a purpose."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Necessity:
    """One thing we ask for: why, and what not supplying it leads to."""

    field: str
    purpose: Purpose
    reason: str
    without: str


NECESSITIES: Final = (
    Necessity(
        field="name",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="So that the driver hands your groceries to the right person.",
        without="We cannot deliver to a door without knowing whom to ask for.",
    ),
    Necessity(
        field="address",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="So that we know where to bring your order, and whether our vans reach you.",
        without="We cannot deliver.",
    ),
    Necessity(
        field="phone",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="So that the driver can ring you at the door. We never call to sell you anything.",
        without="A driver who cannot find you has to take your groceries back, so we cannot deliver.",
    ),
    Necessity(
        field="email",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="You log in with it, and we write to it about your orders.",
        without="You cannot have an account, and we cannot tell you when something about an order changes.",
    ),
    Necessity(
        field="password",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="It keeps your address and your orders to yourself.",
        without="Anybody who knows your e-mail address could order in your name, so there is no account without one.",
    ),
    Necessity(
        field="card",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="Payment is due when you place an order. The number goes straight to Stripe and never reaches us.",
        without="You can fill a cart, and we cannot take the order.",
    ),
)
