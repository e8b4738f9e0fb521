"""Whether a customer's bank account may be charged: by their own payment record with the shop, and nothing else (C1).

| what is on record | no bank account is charged |
| --- | --- |
| a dispute that is open | until it is decided |
| a dispute that the customer won over the shop's charge | for 365 days from the day it closed |
| a debit that the bank sent back | for 90 days from that day |
| three payments declined within 30 days | until the oldest of them is 30 days old |

A dispute the shop won, and a question of the bank that took no money, count for nothing. Cards are never affected.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

LOST_BARS: Final = timedelta(days=365)
RETURN_BARS: Final = timedelta(days=90)
DECLINES_WITHIN: Final = timedelta(days=30)
DECLINES_MAX: Final = 3


class Hindrance(StrEnum):
    OPEN_DISPUTE = "open_dispute"
    LOST_DISPUTE = "lost_dispute"
    RETURNED_DEBIT = "returned_debit"
    DECLINES = "declines"


@dataclass(frozen=True, kw_only=True)
class Contested:
    """A dispute: the day it was opened, and the day it closed, if it has. Lost by the shop, where it is closed."""

    opened_on: date
    lost_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentRecord:
    """A customer's payments with this shop that did not end well, as days in the shop's zone."""

    declined_on: tuple[date, ...] = ()
    returned_on: tuple[date, ...] = ()
    contested: tuple[Contested, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Allowed, or what is in the way, since when, and the first day on which it no longer is (None: not known)."""

    hindrance: Hindrance | None = None
    since: date | None = None
    free_on: date | None = None

    @property
    def allowed(self) -> bool:
        return self.hindrance is None

    @property
    def words(self) -> str | None:
        """Why not, and until when, as the customer reads it."""
        if self.hindrance is None or self.since is None:
            return None
        why = _WORDS[self.hindrance].format(day=_day(self.since))
        until = f"Until {_day(self.free_on)}" if self.free_on else "Until that is decided"
        return f"{why} {until} we cannot charge a bank account for you; a card works."


_WORDS: Final = {
    Hindrance.OPEN_DISPUTE: "A payment you made here was contested at your bank on {day}, and that is still open.",
    Hindrance.LOST_DISPUTE: "A payment you made here was taken back through your bank on {day}.",
    Hindrance.RETURNED_DEBIT: "Your bank sent a debit of ours back on {day}.",
    Hindrance.DECLINES: "Several payments were declined since {day}.",
}


def standing(record: PaymentRecord, today: date) -> Standing:
    """The hindrance that lasts longest, if there is one."""
    found = [one for one in _hindrances(record) if one.free_on is None or one.free_on > today]
    return max(found, key=lambda one: one.free_on or date.max, default=Standing())


def _hindrances(record: PaymentRecord) -> Iterator[Standing]:
    for dispute in record.contested:
        if dispute.lost_on is None:
            yield Standing(hindrance=Hindrance.OPEN_DISPUTE, since=dispute.opened_on)
        else:
            lost = dispute.lost_on
            yield Standing(hindrance=Hindrance.LOST_DISPUTE, since=lost, free_on=lost + LOST_BARS)
    for day in record.returned_on:
        yield Standing(hindrance=Hindrance.RETURNED_DEBIT, since=day, free_on=day + RETURN_BARS)
    declined = sorted(record.declined_on)
    for first, last in zip(declined, declined[DECLINES_MAX - 1 :], strict=False):
        if last - first < DECLINES_WITHIN:
            yield Standing(hindrance=Hindrance.DECLINES, since=first, free_on=first + DECLINES_WITHIN)


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
