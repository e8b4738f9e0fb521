"""Delivery that ends because a person does not consent to what it needs, and comes back when they do (C5).

A person is told first: the reasons, the consequences, and the date. The date is stored, and whether delivery has ended
is arithmetic over it and now: nothing has to run for the day to come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from kalecart.clock import SHOP_ZONE
from kalecart.consent.purpose import Necessity
from kalecart.consent.words import sha256

CONSEQUENCES: Final = (
    "From that day you cannot place an order for delivery.",
    "Orders you have placed, before or until then, are still charged, delivered and refunded as agreed.",
    "Your account stays: you can log in, see your orders and receipts, and ask for your data or for its erasure.",
    "Nothing else changes. Agree again, before that day or after it, and you can order at once.",
)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What a person is told before delivery to them ends. `effective_at` begins a day in the shop's zone."""

    needs: Sequence[Necessity]
    effective_at: datetime
    consequences: Sequence[str] = CONSEQUENCES

    @property
    def text(self) -> str:
        """All that is told, as it is kept."""
        reasons = [f"{row.label}. {row.reason} {row.without}" for row in self.needs]
        return "\n".join([f"Delivery to you ends on {day_of(self.effective_at)}.", *reasons, *self.consequences])

    @property
    def sha256(self) -> bytes:
        return sha256(self.text)


@dataclass(frozen=True, kw_only=True)
class Suspension:
    """A notice that stands, as it was told. `field` is what was refused; None is the whole purpose."""

    field: str | None
    text: str
    told_at: datetime
    effective_at: datetime

    @property
    def day(self) -> str:
        return day_of(self.effective_at)

    def in_force(self, now: datetime) -> bool:
        return self.effective_at <= now


def takes_effect(told_at: datetime, notice: timedelta) -> datetime:
    """The beginning of the first day, in the shop's zone, by which the whole notice has passed."""
    last = (told_at + notice).astimezone(SHOP_ZONE).date()
    return datetime.combine(last + timedelta(days=1), time(), SHOP_ZONE).astimezone(told_at.tzinfo)


def day_of(instant: datetime) -> str:
    """`Sunday, November 22, 2026` in the shop's zone."""
    local = instant.astimezone(SHOP_ZONE)
    return f"{local:%A, %B} {local.day}, {local.year}"
