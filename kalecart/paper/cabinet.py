"""A locked cabinet, and who had its key when (C8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kalecart.customers.problems import Problems
from kalecart.ids import StaffId
from kalecart.paper.item import CabinetId

NAME_LENGTH_MAX: Final = 40
PLACE_LENGTH_MAX: Final = 100


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a cabinet is called and where it stands."""

    name: str
    place: str

    @staticmethod
    def parse(name: str, place: str) -> "Named":
        """Raises Invalid with every field's problem."""
        problems = Problems()
        for pointer, text, most in (("/name", name, NAME_LENGTH_MAX), ("/place", place, PLACE_LENGTH_MAX)):
            if not text.strip() or not text.isprintable():
                problems.refuse(pointer, "Write it in a line of its own.")
            elif len(text) > most:
                problems.refuse(pointer, f"It may have up to {most} characters.")
        problems.raise_any()
        return Named(name=name.strip(), place=place.strip())


@dataclass(frozen=True, kw_only=True)
class Key:
    """Who got the key when. `left_at` is when they ceased to work here, if they did."""

    staff_id: StaffId
    at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Cabinet:
    """`keys` has who got the key, the latest first; `papers` is how many lie in it."""

    id: CabinetId
    name: str
    place: str
    keys: Sequence[Key]
    papers: int

    def holder(self, now: datetime) -> StaffId | None:
        """Who has the key; nobody where who got it last works here no longer."""
        if not self.keys:
            return None
        last = self.keys[0]
        return None if last.left_at is not None and last.left_at <= now else last.staff_id

    def unkept(self, now: datetime) -> bool:
        """Whether paper lies in it and nobody is known to have its key."""
        return self.papers > 0 and self.holder(now) is None
