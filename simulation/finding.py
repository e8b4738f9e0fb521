"""What a year was held against, and what breaks it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

NAMED_MAX: Final = 5


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`looked` says how much there was to break the rule, `broken` names what does."""

    rule: str
    looked: str
    broken: Sequence[str] = field(default=())

    @property
    def holds(self) -> bool:
        return not self.broken

    def as_line(self) -> str:
        named = "; ".join(self.broken[:NAMED_MAX])
        more = f" and {len(self.broken) - NAMED_MAX} more" if len(self.broken) > NAMED_MAX else ""
        return f"{'✓' if self.holds else '✗'} {self.rule} ({self.looked})" + (f": {named}{more}" if named else "")
