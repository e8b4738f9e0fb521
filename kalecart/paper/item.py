"""A paper in a cabinet, or one that was shredded, and whether it still lies where it should (C8).

How it stands is arithmetic over stored instants and now: nobody has to notice that its day came for that to be true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from kalecart.clock import SHOP_ZONE, shop_date
from kalecart.errors import Conflict
from kalecart.ids import StaffId
from kalecart.paper.category import Category

PaperId = NewType("PaperId", UUID)
CabinetId = NewType("CabinetId", UUID)

# Somebody has to take it out and hold it into the shredder before a second pair of eyes.
SHRED_WITHIN: Final = timedelta(days=7)
# Of a line of the register: the law obliges the shop to keep what it stands for (E70).
UNDER_HOLD: Final = (
    "EXISTS (SELECT FROM legal_hold AS hold WHERE hold.customer_id = paper_item.customer_id AND hold.lifted_at IS NULL)"
)


class PaperMovedOn(Conflict):
    """The paper is shredded already."""


class Early(StrEnum):
    """Why a paper may be shredded before its day."""

    DONE = "done"
    MISTAKE = "mistake"
    SCANNED = "scanned"
    ORDERED = "ordered"

    @property
    def label(self) -> str:
        return _EARLY[self]


_EARLY: Final = {
    Early.DONE: "what it was kept for is done",
    Early.MISTAKE: "it was filed by mistake, or twice",
    Early.SCANNED: "its scan is enough",
    Early.ORDERED: "a court or an authority wants it destroyed",
}


class Standing(StrEnum):
    KEPT = "kept"
    DUE = "due"
    OVERDUE = "overdue"
    SHREDDED = "shredded"


# A paper is filed, and later shredded; nothing leads back, and a cabinet it is moved to changes nothing of this.
ARROWS: Final[Mapping[Standing, frozenset[Standing]]] = {
    Standing.KEPT: frozenset({Standing.DUE, Standing.SHREDDED}),
    Standing.DUE: frozenset({Standing.OVERDUE, Standing.SHREDDED}),
    Standing.OVERDUE: frozenset({Standing.SHREDDED}),
    Standing.SHREDDED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """`keep_until` is the first instant at which it is to be shredded. `number` is what is written on it.

    A restored backup may know that it was shredded and no longer by whom: then `shredded_by` and `witness` are None.
    """

    id: PaperId
    number: str
    what: Category
    cabinet_id: CabinetId
    filed_at: datetime
    filed_by: StaffId
    keep_until: datetime
    shredded_at: datetime | None = None
    shredded_by: StaffId | None = None
    witness: StaffId | None = None
    early: Early | None = None

    @property
    def shred_on(self) -> date:
        """The day of the shop's calendar on which it is to be shredded."""
        return shop_date(self.keep_until)

    def standing(self, now: datetime) -> Standing:
        if self.shredded_at is not None:
            return Standing.SHREDDED
        if now < self.keep_until:
            return Standing.KEPT
        return Standing.DUE if now < self.keep_until + SHRED_WITHIN else Standing.OVERDUE


def day_of(day: date) -> datetime:
    """The instant at which a day begins in the shop."""
    return datetime.combine(day, time.min, SHOP_ZONE).astimezone(UTC)


def longest_until(what: Category, filed_at: datetime) -> date:
    """The last day that may be named as the one on which a paper is shredded."""
    return shop_date(filed_at) + what.rule.longest
