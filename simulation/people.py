"""Whom the year is about: shoppers, who work here, and strangers who write; drawn from the seed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from kalecart.customers.address import Address
from kalecart.ids import CustomerId, PaymentMethodId, StaffId
from kalecart.staff.rights import Role

PASSWORD: Final = "seven crates of chard"  # noqa: S105  # nobody lives in this shop
GIVEN: Final = ("Ada", "Ben", "Cleo", "Dov", "Esi", "Femi", "Gus", "Hana", "Ivo", "Juno", "Kai", "Lena", "Mio", "Nia")
FAMILY: Final = ("Quince", "Sorrel", "Lovage", "Medlar", "Tansy", "Fennel", "Damson", "Rowan", "Chicory", "Maple")
STREETS: Final = ("W 7th St", "S Hope St", "Wilshire Blvd", "S Figueroa St", "W Olympic Blvd")
# What somebody pays with, of a hundred.
CARDS: Final = {
    "pm_card_visa": 56,
    "pm_card_mastercard": 16,
    "pm_card_amex": 8,
    "pm_card_discover": 6,
    "pm_card_chargeCustomerFail": 4,
    "pm_card_authenticationRequired": 3,
    "pm_card_pendingRefund": 3,
    "pm_card_refundFail": 2,
    "pm_card_createDispute": 2,
}
GOOD_CARD: Final = "pm_card_visa"
# Of a hundred who have a bank account, by its published number: what a debit of it comes to.
ACCOUNTS: Final = {
    "000123456789": 70,  # succeeds
    "000222222227": 10,  # there is too little in it
    "000111111113": 4,  # closed
    "000333333335": 4,  # nobody allowed that
    "000555555559": 6,  # succeeds, and is taken back
    "000666666661": 3,  # takes no deposits
    "000000000009": 3,  # never says anything
}
HAS_AN_ACCOUNT: Final = 0.25


@dataclass
class Shopper:
    """`left` is set when they asked to be erased; `account` is the number of their bank account, and `debited` what it
    is called here once they gave it."""

    name: str
    email: str
    address: Address
    card: str
    account: str = ""
    customer_id: CustomerId | None = None
    methods: list[PaymentMethodId] = field(default_factory=list)
    left: bool = False
    improves: bool = False
    debited: PaymentMethodId | None = None

    @property
    def here(self) -> bool:
        return self.customer_id is not None and not self.left


@dataclass
class Colleague:
    """`away` is until when they are on leave."""

    id: StaffId
    role: Role
    away: datetime | None = None
    gone: bool = False

    def at_work(self, now: datetime) -> bool:
        return not self.gone and (self.away is None or self.away <= now)


def a_shopper(number: int, chance: Random) -> Shopper:
    name = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
    address = Address(
        street=f"{chance.randrange(100, 1999)} {chance.choice(STREETS)}",
        unit=f"Apt {chance.randrange(1, 40)}",
        city="Los Angeles",
        state="CA",
        postal_code="90017",
    )
    card = chance.choices(list(CARDS), weights=list(CARDS.values()))[0]
    email = f"{name.lower().replace(' ', '.')}.{number}@example.com"
    having = chance.random() < HAS_AN_ACCOUNT
    account = chance.choices(list(ACCOUNTS), weights=list(ACCOUNTS.values()))[0] if having else ""
    return Shopper(name=name, email=email, address=address, card=card, account=account)


def some_time(chance: Random, least: float, most: float) -> timedelta:
    """So many days, to the second."""
    return timedelta(seconds=chance.randrange(int(least * 86_400), int(most * 86_400) + 1))
