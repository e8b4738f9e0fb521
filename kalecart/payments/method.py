"""Which cards the shop takes, and what it says about the others and about a bank's no (C14)."""

from dataclasses import dataclass
from typing import Final

from kalecart.errors import Refused
from kalecart.ids import PaymentMethodId

# Stripe's brand → the name on the card.
ACCEPTED_BRANDS: Final = {
    "visa": "VISA",
    "mastercard": "MasterCard",
    "amex": "American Express",
    "discover": "Discover",
}
OTHER_BRANDS: Final = {
    "diners": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
    "cartes_bancaires": "Cartes Bancaires",
    "eftpos_au": "eftpos",
    "link": "Link",
}


class BrandNotAccepted(Refused):
    """We do not take this kind of card."""


class CardUnusable(Refused):
    """The card could not be saved."""


@dataclass(frozen=True, kw_only=True)
class CardSnapshot:
    """A card as Stripe describes it; the number itself stays there."""

    stripe_id: str
    brand: str
    funding: str
    last4: str
    expires: str


@dataclass(frozen=True, kw_only=True)
class PaymentMethodView:
    """A saved card as its owner sees it."""

    id: PaymentMethodId
    brand: str
    funding: str
    last4: str
    expires: str

    @property
    def brand_name(self) -> str:
        return ACCEPTED_BRANDS[self.brand]

    @property
    def label(self) -> str:
        """`VISA ending 4242`: how a receipt names it."""
        return f"{self.brand_name} ending {self.last4}"


def require_accepted(card: CardSnapshot) -> None:
    """VISA, Discover, MasterCard and AMEX, credit or debit; a prepaid card of these counts as debit (C14).

    The network of the card decides. Co-badged cards count by the network Stripe says the charge runs on.
    """
    if card.brand in ACCEPTED_BRANDS:
        return
    name = OTHER_BRANDS.get(card.brand, "this brand")
    raise BrandNotAccepted(
        f"We take VISA, MasterCard, American Express and Discover, but not {name}. Please use another card. "
        "Nothing was charged."
    )


_WORDS: Final = {
    "insufficient_funds": "There was not enough money on the card.",
    "expired_card": "The card has expired.",
    "incorrect_cvc": "The security code was not right.",
    "incorrect_number": "The card number was not right.",
    "incorrect_zip": "The ZIP code did not match the card.",
    "processing_error": "The bank could not process the card just now.",
    "authentication_required": "The bank wanted a confirmation from you that we could not ask for.",
    "card_not_supported": "The card does not support this kind of purchase.",
    "card_velocity_exceeded": "The card has reached its limit for now.",
    "withdrawal_count_limit_exceeded": "The card has reached its limit for now.",
    "currency_not_supported": "The card cannot be charged in US dollars.",
    "try_again_later": "The bank could not answer just now.",
    "issuer_not_available": "The bank could not be reached.",
}


def decline_words(code: str | None) -> str:
    """A bank's reason in plain words. What hints at fraud or loss is not told to whoever holds the card."""
    return _WORDS.get(code or "", "The bank declined the card without giving a reason.")
