"""What clients asked and what they were told, as Jepsen keeps it.

Each operation begins, and ends `ok` (the shop said yes), `fail` (the shop said no, so nothing may have happened) or
`info` (nobody knows: it may have happened or not).
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from local.visitor import Stopped

Outcome = Literal["ok", "fail", "info"]


@dataclass(kw_only=True)
class Operation:
    """`key` names the intention; repeated with the same key it is the same one."""

    did: str
    key: str
    began_s: float
    ended_s: float = 0.0
    outcome: Outcome = "info"
    order_id: str = ""
    told: dict[str, Any] = field(default_factory=dict)

    def ok(self, order_id: str, **told: Any) -> None:
        self.outcome, self.order_id, self.told = "ok", order_id, told

    def refused(self, problem: str) -> None:
        self.outcome, self.told = "fail", {"problem": problem}


@dataclass
class History:
    """`now` is seconds since the run began."""

    now: Callable[[], float]
    operations: list[Operation] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)  # shoppers who gave up, each with a sentence
    broken: list[str] = field(default_factory=list)  # answers that tell of a bug

    @asynccontextmanager
    async def operation(self, did: str, key: str, order_id: str = "") -> AsyncGenerator[Operation]:
        """An operation; one that is left without an answer, by giving up or by an error, stays `info`."""
        operation = Operation(did=did, key=key, began_s=self.now(), order_id=order_id)
        self.operations.append(operation)
        try:
            yield operation
        finally:
            operation.ended_s = self.now()

    def did(self, what: str, outcome: Outcome | None = None) -> list[Operation]:
        return [each for each in self.operations if each.did == what and outcome in {None, each.outcome}]

    def gave_up(self, why: Stopped) -> None:
        self.stopped.append(str(why))
