"""Saving a US bank account: what its owner agrees to, how Stripe describes it, and how they prove that it is theirs."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final, Self

from kalecart.errors import Invalid, Refused

# The words beside the switch. A change of a word is another hash, and the mandates kept tell them apart.
MANDATE_WORDS: Final = (
    "I allow KaleCart, LLC to debit this bank account for each order that I place here and choose to pay from it: the "
    "total shown when I place it, on or after that day, and never more. If a debit was wrong, KaleCart may correct it. "
    "This lasts until I end it, which I can do at any time by removing the account here or by writing to KaleCart, "
    "LLC, 460 S. Spring St. #913, Los Angeles, CA 90013; an order that is already being paid is still debited. "
    "My bank may take up to 4 business days, and I keep every right my bank gives me to object to a debit."
)
MANDATE_SHA256: Final = hashlib.sha256(MANDATE_WORDS.encode()).digest()

SUCCEEDED: Final = "succeeded"
TO_CONFIRM: Final = "requires_confirmation"
TO_VERIFY: Final = "requires_action"


class AccountUnusable(Refused):
    """The bank account could not be saved."""


class BankAccountNotAllowed(Refused):
    """Your payment record does not allow a bank account now."""


class WrongDeposit(Refused):
    """This is not what we sent to the account."""


@dataclass(frozen=True, kw_only=True)
class AccountSnapshot:
    """A bank account as Stripe describes it; its numbers stay there."""

    stripe_id: str
    last4: str
    bank: str


@dataclass(frozen=True, kw_only=True)
class BankSetup:
    """How far the saving of an account is at Stripe. The secret lets a browser type the account in, and no more."""

    stripe_id: str
    status: str
    stripe_customer_id: str | None
    mandate_id: str | None
    account: AccountSnapshot | None
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class MandateSnapshot:
    """A mandate as Stripe knows it: once it has ended, its account is not debited any more."""

    stripe_id: str
    method_id: str
    ended: bool


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """That somebody agreed to these words, and what Stripe wants to know of their browser, which we neither keep nor
    log."""

    words_sha256: bytes
    origin: str = field(repr=False)
    agent: str = field(repr=False)

    def require_current(self) -> None:
        """Raises Invalid where other words were shown than those of today."""
        if self.words_sha256 != MANDATE_SHA256:
            raise Invalid({"/mandate_sha256": "Read what you agree to again: the words have changed."})


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What the owner read in the account's statement: the code of one deposit, or the cents of two."""

    code: str | None = None
    amounts: tuple[int, int] | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """`SM11AA`, or two amounts such as `0.32 and 0.45` or `32 45`. Raises Invalid."""
        typed = text.strip().upper()
        if re.fullmatch(r"SM[A-Z0-9]{4}", typed):
            return cls(code=typed)
        cents = [int(number) for number in re.findall(r"(?<![0-9])(?:\$?0?\.)?([0-9]{1,2})(?![0-9])", typed)]
        if len(cents) != 2:  # noqa: PLR2004  # two deposits
            raise Invalid({"/deposit": "Enter the six characters that start with SM, or the cents of both deposits."})
        return cls(amounts=(cents[0], cents[1]))
