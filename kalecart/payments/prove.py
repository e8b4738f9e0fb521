"""Prove that the money adds up, by looking for exceptions to every invariant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

import sqlalchemy as sa
import structlog

from kalecart import alerts, controls, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.payments.invariants import INVARIANTS, Invariant

EXCEPTIONS_MAX: Final = 1_000
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
# Older than any dispute can be: what has held for so long is not proved every few minutes.
WATCHED: Final = timedelta(days=180)

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
        Proof(invariant=each, exceptions=tuple((await tx.execute(_exceptions(each), bounds)).scalars()))
        for each in INVARIANTS
    ]


@cache
def _exceptions(invariant: Invariant) -> sa.TextClause:
    found = f"SELECT DISTINCT id::text FROM ({invariant.sql}) AS broken ORDER BY 1 LIMIT :most"  # noqa: S608  # our own
    moments = (sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("now", "since"))
    return sa.text(found).bindparams(*(moment for moment in moments if f":{moment.key}" in found))


async def prove_money(held: tasks.Held | None, *, db: Database, clock: Clock) -> Sequence[Proof]:
    """Prove what the last half year left; an alert stays open for as long as an invariant is broken."""
    async with db.snapshot() as tx:
        proofs = await prove(tx, now=clock.now(), since=clock.now() - WATCHED, most=1)
    async with db.transaction() as tx:
        now = clock.now()
        for proof in proofs:
            if not proof.holds:
                await alerts.raise_only(tx, proof.invariant.alert, proof.exceptions[0], now=now)
                log.error("invariant_broken", kind=proof.invariant.name)
        await alerts.close_kinds(tx, [each.invariant.alert for each in proofs if each.holds], now=now)
        broken = sum(not proof.holds for proof in proofs)
        detail = f"{len(proofs)} invariants, {broken} broken"
        await controls.record_sometimes(tx, "money", passed=not broken, detail=detail, now=now)
        await tasks.finish(tx, held, now=now)
    return proofs
