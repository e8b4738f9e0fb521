"""What each kind of alert means, and what to do about it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """`title` names what happened, `words` what to do."""

    title: str
    words: str


REMEDIES: Final[dict[str, Remedy]] = {
    "dead_letter": Remedy(
        title="A task was given up",
        words="Look at its last error. Once the cause is gone, retry it; where it is not needed any more, discard it. "
        "Either closes this alert.",
    ),
    "foreign_payment": Remedy(
        title="Stripe told us of a payment that is none of ours",
        words="Look it up at Stripe. If another shop uses the same account, give it an account of its own; "
        "otherwise find out who took the money, and refund it there.",
    ),
    "payment_canceled": Remedy(
        title="A payment was cancelled at Stripe",
        words="Its order waits for money that will not come. Ask the customer to order again, and cancel this order.",
    ),
    "wrong_amount": Remedy(
        title="Stripe collected another amount than the order's total",
        words="Compare the order with the payment at Stripe. Refund what is too much; never ask the customer for more.",
    ),
    "paid_after_cancelling": Remedy(
        title="A cancelled order was paid",
        words="The money came when the order was gone. Refund it in full.",
    ),
}

UNKNOWN: Final = Remedy(
    title="Something needs a person",
    words="Look at what it names, and at the log of the same moment. Resolve it when it is mended.",
)


def remedy_of(kind: str) -> Remedy:
    return REMEDIES.get(kind, UNKNOWN)
