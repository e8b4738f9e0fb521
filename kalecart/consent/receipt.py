"""What a person decided, when, on which words: to print, to keep, and to hold against what the shop says (C4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kalecart.clock import SHOP_ZONE
from kalecart.consent.purpose import Purpose
from kalecart.ids import CustomerId

SOURCES: Final[Mapping[str, str]] = {
    "sign_up": "the sign-up form",
    "account_page": "your account",
    "notice_page": "the notice about delivery",
    "staff_paper": "a paper you signed",
    "gpc": "your browser's Global Privacy Control signal",
}


@dataclass(frozen=True, kw_only=True)
class PastDecision:
    """One line of a person's own history, with the words they were shown. `field` is the one that was refused."""

    purpose: Purpose
    given: bool
    decided_at: datetime
    policy_version: str
    source: str
    field: str | None
    text: str
    sha256: bytes

    @property
    def label(self) -> str:
        """The words on the switch, as they were then."""
        return self.text.partition("\n")[0]

    @property
    def explanation(self) -> str:
        """The sentences under it."""
        return self.text.partition("\n")[2]

    @property
    def where(self) -> str:
        return SOURCES[self.source]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """`decisions` are all there are, the latest first."""

    customer_id: CustomerId
    made_at: datetime
    decisions: Sequence[PastDecision]

    @property
    def text(self) -> str:
        """As a file anybody can read without us."""
        head = [
            "KaleCart, LLC: receipt of consents",
            f"Customer {self.customer_id}",
            f"Made {_instant(self.made_at)}",
            "The SHA-256 of each decision is that of the words that were shown, in UTF-8.",
        ]
        return "\n".join([*head, "", *(line for past in self.decisions for line in _lines(past))])


def _lines(past: PastDecision) -> Sequence[str]:
    refused = f" (you did not want to give: {past.field})" if past.field else ""
    return [
        f"{_instant(past.decided_at)}  {'AGREED' if past.given else 'NOT AGREED'}{refused}",
        f"  purpose:  {past.purpose}",
        f"  where:    {past.where}",
        f"  policy:   {past.policy_version}",
        *(f"  | {line}" for line in past.text.split("\n")),
        f"  sha256:   {past.sha256.hex()}",
        "",
    ]


def _instant(instant: datetime) -> str:
    return instant.astimezone(SHOP_ZONE).isoformat(sep=" ", timespec="seconds")
