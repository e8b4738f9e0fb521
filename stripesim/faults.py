"""Faults to be injected into the API, each at the place where it would hurt."""

import asyncio
import random
import re
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from stripesim.errors import InvalidParameters
from stripesim.world import new_id


class Kind(StrEnum):
    """What goes wrong. The names say whether the request's effect is kept."""

    ERROR_500_BEFORE = "error_500_before"
    ERROR_500_AFTER_COMMIT = "error_500_after_commit"
    DROP_BEFORE = "drop_before"
    DROP_AFTER_COMMIT = "drop_after_commit"
    SLOW_THEN_COMMIT = "slow_then_commit"
    RATE_LIMIT_429 = "rate_limit_429"
    CONFLICT_409 = "conflict_409"


# These answer for the layers in front of idempotency, so they leave a key as it was.
IN_FRONT = frozenset({Kind.RATE_LIMIT_429, Kind.CONFLICT_409, Kind.DROP_BEFORE})
DELAY_MS_DEFAULT, DELAY_MS_MAX = 1000, 600_000
TIMES_DEFAULT, TIMES_MAX = 1, 1_000_000


@dataclass(kw_only=True)
class Rule:
    """One fault, and to which requests it happens how often."""

    id: str
    kind: Kind
    method: str | None
    path: re.Pattern[str]
    times: int
    probability: float
    delay_ms: int
    happened: int = 0

    def shown(self) -> dict[str, Any]:
        match = {"method": self.method, "path_regex": self.path.pattern}
        counts = {"times": self.times, "happened": self.happened}
        return {
            "id": self.id,
            "kind": self.kind,
            "match": match,
            **counts,
            "probability": self.probability,
            "delay_ms": self.delay_ms,
        }


@dataclass(kw_only=True)
class Faults:
    """The rules in force; the first that applies happens. Chance comes from a seed, so that runs can be repeated."""

    chance: random.Random
    rules: list[Rule] = field(default_factory=list)
    _cleared: asyncio.Event = field(default_factory=asyncio.Event)

    def clear(self) -> None:
        """There are none any more, and whoever one of them holds up goes on."""
        self.rules.clear()
        self._cleared.set()
        self._cleared = asyncio.Event()

    async def hold_up(self, rule: Rule) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(rule.delay_ms / 1000):
                await self._cleared.wait()

    def strike(self, method: str, path: str, *, in_front: bool) -> Rule | None:
        for rule in self.rules:
            if (rule.kind in IN_FRONT) != in_front or rule.happened >= rule.times:
                continue
            if rule.method in {None, method} and rule.path.search(path) and self.chance.random() < rule.probability:
                rule.happened += 1
                return rule
        return None


def read_rule(given: Any) -> Rule:
    """A rule from its JSON, or what is wrong with it."""
    if not isinstance(given, dict) or not isinstance(match := given.get("match", {}), dict):
        raise InvalidParameters("A fault is a JSON object, and so is its 'match'.")
    unknown = sorted(given.keys() - {"match", "kind", "times", "probability", "delay_ms"})
    unknown += sorted(match.keys() - {"method", "path_regex"})
    if unknown:
        raise InvalidParameters(f"A fault has no '{unknown[0]}'.", param=unknown[0])
    if given.get("kind") not in set(Kind):
        raise InvalidParameters(f"'kind' must be one of {', '.join(Kind)}.", param="kind")
    try:
        path = re.compile(match.get("path_regex", ""))
    except (re.error, TypeError) as error:
        raise InvalidParameters(f"'path_regex' is no regular expression: {error}.", param="path_regex") from error
    return Rule(
        id=new_id("fault", 8),
        kind=Kind(given["kind"]),
        method=match.get("method"),
        path=path,
        times=int(number(given, "times", TIMES_DEFAULT, most=TIMES_MAX)),
        probability=number(given, "probability", 1.0, most=1.0),
        delay_ms=int(number(given, "delay_ms", DELAY_MS_DEFAULT, most=DELAY_MS_MAX)),
    )


def number(given: dict[str, Any], name: str, default: float, *, most: float) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise InvalidParameters(f"'{name}' must be a number from 0 to {most:g}.", param=name)
    return value
