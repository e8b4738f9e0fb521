"""What personal data is for, and why each field is asked.

It is collected for two purposes: to take payment and deliver, and to improve the service (C1). A person may give
something more of their own accord, answers to questions (C6) and leave to write them news; each of these is consented
to separately, or not, and nothing else follows from it.

The necessity table is the one source of the form's explanations, of what a refusal leads to, and of its enforcement
(C5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    """Why data is processed. The database knows the same ones."""

    PAYMENT_AND_DELIVERY = "payment_and_delivery"
    IMPROVE_SERVICE = "improve_service"
    ADDITIONAL_INFORMATION = "additional_information"
    NEWS_BY_EMAIL = "news_by_email"

    @property
    def necessary(self) -> bool:
        """Whether the shop cannot deliver without it."""
        return self is Purpose.PAYMENT_AND_DELIVERY

    @property
    def counted(self) -> bool:
        """Whether what is given for it is counted together with others', and so leaves the shop as a total.

        This is what a browser's Global Privacy Control signal asks us not to do.
        """
        return self in {Purpose.IMPROVE_SERVICE, Purpose.ADDITIONAL_INFORMATION}


# What the sign-up form asks: the two purposes of C1. The others are asked in the account, apart from it.
ASKED_AT_SIGN_UP: Final = (Purpose.PAYMENT_AND_DELIVERY, Purpose.IMPROVE_SERVICE)


# How long what was counted under pseudonyms of a quarter is kept once the quarter is over.
HABITS_KEPT: Final = timedelta(days=60)


class Decision(StrEnum):
    """What a person decided about a purpose."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class Ends(StrEnum):
    """What the code does where a field is refused."""

    NOTHING = "nothing"
    DELIVERY = "delivery"  # after a notice, `consent.suspension`
    CHECKOUT = "checkout"  # an order without something to pay with is refused, `orders.refusals.UnknownCard`
    ACCOUNT = "account"  # the form is refused, `accounts.sign_up`


@dataclass(frozen=True, kw_only=True)
class Necessity:
    """One thing we ask for: why, what not supplying it leads to, and what then ends."""

    field: str
    label: str
    purpose: Purpose
    reason: str
    without: str
    ends: Ends


NECESSITIES: Final = (
    Necessity(
        field="name",
        label="Name",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="So that the driver hands your groceries to the right person.",
        without="We cannot deliver to a door without knowing whom to ask for.",
        ends=Ends.DELIVERY,
    ),
    Necessity(
        field="address",
        label="Address",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="So that we know where to bring your order, and whether our vans reach you.",
        without="We cannot deliver.",
        ends=Ends.DELIVERY,
    ),
    Necessity(
        field="unit",
        label="Apartment or unit",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="So that the driver finds your door in a building with several.",
        without="Nothing changes: the driver rings you from the street.",
        ends=Ends.NOTHING,
    ),
    Necessity(
        field="phone",
        label="Phone",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="So that the driver can ring you at the door. We never call to sell you anything.",
        without="A driver who cannot find you has to take your groceries back, so we cannot deliver.",
        ends=Ends.DELIVERY,
    ),
    Necessity(
        field="email",
        label="E-mail",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="You log in with it, and we write to it about your orders.",
        without="You cannot have an account, and we cannot tell you when something about an order changes.",
        ends=Ends.ACCOUNT,
    ),
    Necessity(
        field="password",
        label="Password",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="It keeps your address and your orders to yourself.",
        without="Anybody who knows your e-mail address could order in your name, so there is no account without one.",
        ends=Ends.ACCOUNT,
    ),
    Necessity(
        field="card",
        label="Card or bank account",
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        reason="Payment is due when you place an order. The number goes straight to Stripe and never reaches us.",
        without="You can fill a cart, and we cannot take the order.",
        ends=Ends.CHECKOUT,
    ),
)


def delivery_needs(table: Sequence[Necessity] = NECESSITIES) -> tuple[Necessity, ...]:
    """The fields without which nothing is delivered."""
    return tuple(row for row in table if row.ends is Ends.DELIVERY)
