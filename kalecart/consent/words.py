"""The exact words a person agrees to. A change of a word is another hash, and the ledger tells them apart (C4)."""

import hashlib
from dataclasses import dataclass
from typing import Final

from kalecart.consent.purpose import Purpose


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is shown beside a switch: a label, and the sentences under it."""

    purpose: Purpose
    label: str
    explanation: str

    @property
    def text(self) -> str:
        """All that was shown, as it is kept."""
        return f"{self.label}\n{self.explanation}"

    @property
    def sha256(self) -> bytes:
        return sha256(self.text)


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


WORDS: Final = {
    Purpose.PAYMENT_AND_DELIVERY: Words(
        purpose=Purpose.PAYMENT_AND_DELIVERY,
        label="Use my details to take payment and deliver my orders",
        explanation=(
            "My name, address, phone number, e-mail address, payment details and my record of payments with this shop "
            "are used to charge what I order and to bring it to my door, as the privacy policy describes. "
            "Without this the shop cannot deliver."
        ),
    ),
    Purpose.IMPROVE_SERVICE: Words(
        purpose=Purpose.IMPROVE_SERVICE,
        label="Count what I buy to improve the shop",
        explanation=(
            "Optional. What I buy may be counted together with the purchases of others, so that the shop stocks what "
            "people like. Only totals about many customers ever leave the shop. Prices and delivery are the same "
            "either way, and I can change this at any time in my account."
        ),
    ),
    Purpose.ADDITIONAL_INFORMATION: Words(
        purpose=Purpose.ADDITIONAL_INFORMATION,
        label="Ask me now and then about my household and habits",
        explanation=(
            "Optional. The shop may put questions to me, about how I live and what I think of it, to serve people "
            "better. I may skip any of them. My answers reach others only as totals about many customers. Prices and "
            "delivery are the same either way, and I can change this at any time in my account."
        ),
    ),
    Purpose.NEWS_BY_EMAIL: Words(
        purpose=Purpose.NEWS_BY_EMAIL,
        label="Send me news by e-mail",
        explanation=(
            "Optional. The shop may write to my e-mail address about new products and offers. What it has to tell me "
            "about my orders and my data comes either way, and I can change this at any time in my account."
        ),
    ),
}

# What follows from leaving out what delivering needs.
CONSEQUENCE: Final = (
    "We need this to charge and to deliver what you order. Without it there is no delivery, and no order can be placed."
)
