"""Prove that the money adds up, by looking for exceptions to every invariant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from kalecart.database import Tx
from kalecart.payments.invariants import INVARIANTS, Invariant

EXCEPTIONS_MAX: Final = 1_000
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """An invariant, and what breaks it: nothing, or the ids of up to as many exceptions as were asked for."""

    invariant: Invariant
    exceptions: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.exceptions


async def prove(tx: Tx, *, now: datetime, since: datetime = BEGINNING, most: int = EXCEPTIONS_MAX) -> Sequence[Proof]:
    """Every invariant at one instant: `tx` is a snapshot (`Database.snapshot`), and reading is all that is done."""
    bounds = {"now": now, "since": since, "most": most}
    return [
        Proof(invariant=each, exceptions=tuple((await tx.execute(each.exceptions, bounds)).scalars()))
        for each in INVARIANTS
    ]
