"""Cards and bank accounts that are kept for a customer: which the shop takes, and what it says about them (C14, C7)."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum
from typing import Final

from kalecart.errors import Conflict, Refused
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


# What Stripe.js makes of a card that was typed.
STRIPE_METHOD: Final = re.compile(r"pm_[A-Za-z0-9_]{1,200}")
# Long enough to use the card once more, and for its successor to come by post.
EXPIRY_TOLD_AHEAD: Final = timedelta(days=31)
MONTHS: Final = 12


class BrandNotAccepted(Refused):
    """We do not take this kind of card."""


class CardUnusable(Refused):
    """The card could not be saved."""


class NotConfirmed(Refused):
    """Nobody has proved yet that this account is theirs."""


class MethodInUse(Conflict):
    """An order is being paid with this."""


@dataclass(frozen=True, kw_only=True)
class CardSnapshot:
    """A card as Stripe describes it; the number itself stays there."""

    stripe_id: str
    brand: str
    funding: str
    last4: str
    expires: str


@dataclass(frozen=True, kw_only=True)
class MethodSnapshot:
    """A card or a bank account as Stripe describes it at one moment. `attached` means that it may still be charged."""

    stripe_id: str
    attached: bool
    last4: str
    expires: str | None = None


class Expiry(StrEnum):
    """How near a card is to its last day."""

    SOON = "soon"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class PaymentMethodView:
    """A saved card or bank account as its owner sees it. `expires` is MM/YYYY; a bank account has none.

    `verified` and `barred` are a bank account's: whether its owner has proved it, and whether their payment record
    forbids to charge it now.
    """

    id: PaymentMethodId
    kind: str = "card"
    brand: str | None = None
    funding: str | None = None
    last4: str
    expires: str | None = None
    bank: str | None = None
    default: bool = False
    verified: bool = True
    barred: bool = False

    @property
    def brand_name(self) -> str:
        return ACCEPTED_BRANDS[self.brand] if self.brand else self.bank or "Bank"

    @property
    def label(self) -> str:
        """`VISA ending 4242`, `First Bank account ending 6789`: how a receipt names it."""
        return f"{self.brand_name} {'' if self.is_card else 'account '}ending {self.last4}"

    @property
    def is_card(self) -> bool:
        return self.kind == "card"

    @property
    def detail(self) -> str:
        """What stands under its name."""
        if self.is_card:
            return f"{(self.funding or 'unknown').capitalize()} card, valid to {self.expires}"
        return "Bank account, debited within 4 business days"

    @property
    def usable(self) -> bool:
        """Whether an order may name it. An expired card may: its bank decides."""
        return self.is_card or (self.verified and not self.barred)

    def expiry(self, today: date) -> Expiry | None:
        last = expires_on(self.expires)
        if last is None:
            return None
        if last < today:
            return Expiry.EXPIRED
        return Expiry.SOON if last - today <= EXPIRY_TOLD_AHEAD else None

    def heed(self, today: date) -> str | None:
        """What its owner has to know before they choose it."""
        if not self.is_card:
            if not self.verified:
                return "Not confirmed yet: look for a small deposit and confirm it in your account"
            return "Not offered at the moment: your account says why" if self.barred else None
        match self.expiry(today):
            case Expiry.EXPIRED:
                return "Expired: your bank will most likely decline it"
            case Expiry.SOON:
                return "Expires soon"
            case _:
                return None


def expires_on(expires: str | None) -> date | None:
    """The last day of `MM/YYYY`; None for what says no month."""
    month, _, year = (expires or "").partition("/")
    if not (month.isdecimal() and year.isdecimal() and 1 <= int(month) <= MONTHS and MINYEAR <= int(year) < MAXYEAR):
        return None
    return date(int(year), int(month), monthrange(int(year), int(month))[1])


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
