"""An answer as it is kept: noisy whole numbers, and what is needed to read them. Pages work the rest out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from kalecart.analytics.share import Noisy

Key = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`keys` name what is counted: `("kale",)`, `("kale", "milk")` for two products bought together, `("people",)`.

    `each_max` is how many of them one person adds to at most. `threshold` is 0 but for typed texts, of which only what
    stays above it is here. A count of people also says what the whole year's budget amounts to (`year_epsilon`,
    `year_delta`).
    """

    keys: Sequence[Key]
    counts: Sequence[int]
    scale: float
    within: int
    within_both: int
    each_max: int
    threshold: int = 0
    year_epsilon: float = 0.0
    year_delta: float = 0.0

    def noisy(self, count: int) -> Noisy:
        return Noisy(count=count, within=self.within, within_both=self.within_both, scale=self.scale)

    def by_key(self) -> Mapping[Key, Noisy]:
        return {key: self.noisy(count) for key, count in zip(self.keys, self.counts, strict=True)}

    def to_json(self) -> dict[str, Any]:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return values | {"keys": [list(key) for key in self.keys], "counts": list(self.counts)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        kept: dict[str, Any] = dict(values)
        kept["keys"] = tuple(tuple(key) for key in values["keys"])
        return cls(**kept)
