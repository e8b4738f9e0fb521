"""Prove that the money adds up, by looking for exceptions to every invariant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from kalecart import alerts, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.payments.invariants import INVARIANTS, Invariant

EXCEPTIONS_MAX: Final = 1_000
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
# Older than any dispute can be: what has held for so long is not proved every few minutes.
WATCHED: Final = timedelta(days=180)
# `invariant:NAME` is the kind of the alert.
ALERT: Final = "invariant"

log = structlog.get_logger()


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


async def prove_money(held: tasks.Held | None, *, db: Database, clock: Clock) -> Sequence[Proof]:
    """Prove what the last half year left; an alert stays open for as long as an invariant is broken."""
    async with db.snapshot() as tx:
        proofs = await prove(tx, now=clock.now(), since=clock.now() - WATCHED, most=1)
    async with db.transaction() as tx:
        now = clock.now()
        for proof in proofs:
            if not proof.holds:
                await alerts.raise_only(tx, kind_of(proof.invariant), proof.exceptions[0], now=now)
                log.error("invariant_broken", kind=proof.invariant.name)
        await alerts.close_kinds(tx, [kind_of(each.invariant) for each in proofs if each.holds], now=now)
        await tasks.finish(tx, held, now=now)
    return proofs


def kind_of(invariant: Invariant) -> str:
    """What an alert about it is called."""
    return f"{ALERT}:{invariant.name}"
