"""What will be done to the shop and when, drawn from a seed: the same seed is the same plan."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from kalecart.payments.backfill_events import LEAVE
from kalecart.steps import STEPS, Step
from kalecart.tasks import LEASE

PROCESSES: Final = ("web", "worker-1", "worker-2", "scheduler", "scheduler-2", "stripesim", "valkey")
GATES: Final = ("postgres", "valkey", "stripesim")
GAP_S: Final = (1.2, 3.6)
# At first nothing happens, so that shoppers are there to be hurt.
CALM_S: Final = 3.0
STEPS_APART_S: Final = 1.4
LAST_STEP_S: Final = 5.0
STRIPE_FAULTS: Final = (
    "error_500_before",
    "error_500_after_commit",
    "drop_before",
    "drop_after_commit",
    "slow_then_commit",
    "rate_limit_429",
    "conflict_409",
)
STRIPE_CALLS: Final = (
    r"/v1/payment_intents$",
    r"/v1/payment_intents/[^/]+/confirm$",
    r"/v1/payment_intents/[^/]+/cancel$",
    r"/v1/refunds$",
    r"/v1/",
)


class Kind(StrEnum):
    """One way to hurt a shop."""

    KILL = "kill"  # -9, a process chosen by chance
    KILL_AT = "kill at a step"  # -9, exactly there
    RESTART_POSTGRES = "restart PostgreSQL"  # in immediate mode: a crash with recovery
    WIPE_VALKEY = "wipe Valkey"
    FREEZE = "freeze"  # a process stands still and goes on later, past its lease where it is a worker
    LINE = "spoil a line"  # slow, deaf, frozen or shut
    CUT = "cut a line"
    STRIPE = "Stripe fails"
    WEBHOOKS = "webhooks misbehave"


BESIDES: Final = frozenset({Kind.RESTART_POSTGRES, Kind.WIPE_VALKEY, Kind.CUT, Kind.WEBHOOKS})


@dataclass(frozen=True, kw_only=True)
class Blow:
    """`at_s` after the start, for `for_s` where it lasts."""

    at_s: float
    kind: Kind
    target: str
    for_s: float = 0.0
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        more = ", ".join(f"{value}" for value in self.detail.values())
        lasting = f" for {self.for_s:.1f} s" if self.for_s else ""
        return f"{self.kind}: {self.target}{f' ({more})' if more else ''}{lasting}"


WEIGHTS: Final = {
    Kind.KILL: 30,
    Kind.KILL_AT: 30,
    Kind.RESTART_POSTGRES: 3,
    Kind.WIPE_VALKEY: 4,
    Kind.FREEZE: 6,
    Kind.LINE: 9,
    Kind.CUT: 6,
    Kind.STRIPE: 14,
    Kind.WEBHOOKS: 4,
}


def drawn(seed: int, *, seconds: float) -> list[Blow]:
    """Blows for so many seconds, in order."""
    chance = random.Random(seed)  # noqa: S311  # a plan to be repeated, not a secret
    blows: list[Blow] = []
    at_s = CALM_S
    while at_s < seconds:
        blows.append(_findable(_blow(at_s, chance), seconds))
        at_s += chance.uniform(*GAP_S)
    return blows


def _findable(blow: Blow, seconds: float) -> Blow:
    """A webhook that is lost for good is found in Stripe's list of events, which is read up to a minute ago: later than
    that they only come late."""
    if "lose" not in blow.detail or blow.at_s + blow.for_s < seconds - LEAVE.total_seconds() - 5:
        return blow
    return replace(blow, detail={"delay_ms": 3_000})


def at_steps(seed: int, steps: Sequence[Step] = STEPS) -> tuple[list[Blow], float]:
    """A death at each of these steps and some trouble besides, and for how many seconds.

    Stripe fails all the while, because some steps are only taken then. Nobody is made to stand still: whoever does
    takes no step.
    """
    chance = random.Random(seed)  # noqa: S311  # a plan to be repeated, not a secret
    seconds = CALM_S + STEPS_APART_S * len(steps) + LAST_STEP_S
    deaths = [
        Blow(at_s=CALM_S + n * STEPS_APART_S, kind=Kind.KILL_AT, target=step)
        for n, step in enumerate(chance.sample(steps, len(steps)))
    ]
    failures = [
        Blow(at_s=at_s, kind=Kind.STRIPE, target="stripesim", detail=_fault(chance))
        for at_s in (chance.uniform(0, seconds) for _ in range(len(steps) // 3))
    ]
    others = [blow for blow in drawn(seed, seconds=seconds) if blow.kind in BESIDES]
    return sorted([*deaths, *failures, *others], key=lambda blow: blow.at_s), seconds


def _blow(at_s: float, chance: random.Random) -> Blow:  # noqa: PLR0911  # one for each kind of blow
    kind = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    match kind:
        case Kind.KILL:
            return Blow(at_s=at_s, kind=kind, target=chance.choice(PROCESSES))
        case Kind.KILL_AT:
            return Blow(at_s=at_s, kind=kind, target=chance.choice(STEPS))
        case Kind.RESTART_POSTGRES:
            return Blow(at_s=at_s, kind=kind, target="postgres")
        case Kind.WIPE_VALKEY:
            return Blow(at_s=at_s, kind=kind, target="valkey")
        case Kind.FREEZE:
            return _freezing(at_s, chance)
        case Kind.LINE:
            how = chance.choice(("slow", "deaf", "frozen", "shut"))
            detail = {"how": how, "delay_s": round(chance.uniform(0.02, 0.2), 3)} if how == "slow" else {"how": how}
            return Blow(at_s=at_s, kind=kind, target=chance.choice(GATES), for_s=chance.uniform(1, 6), detail=detail)
        case Kind.CUT:
            return Blow(at_s=at_s, kind=kind, target=chance.choice(GATES))
        case Kind.STRIPE:
            return Blow(at_s=at_s, kind=kind, target="stripesim", detail=_fault(chance))
        case Kind.WEBHOOKS:
            return Blow(at_s=at_s, kind=kind, target="stripesim", for_s=chance.uniform(4, 12), detail=_manners(chance))


def _freezing(at_s: float, chance: random.Random) -> Blow:
    target = chance.choice(("worker-1", "worker-2", "worker-2", "valkey", "web", "stripesim"))
    past_lease_s = LEASE.total_seconds() + 3
    for_s = past_lease_s if target.startswith("worker") else chance.uniform(2, 7)
    return Blow(at_s=at_s, kind=Kind.FREEZE, target=target, for_s=for_s)


def _fault(chance: random.Random) -> dict[str, Any]:
    return {
        "fault": chance.choice(STRIPE_FAULTS),
        "call": chance.choice(STRIPE_CALLS),
        "times": chance.randint(1, 6),
        "probability": chance.choice((0.3, 0.6, 1.0)),
    }


def _manners(chance: random.Random) -> dict[str, Any]:
    return chance.choice(({"duplicate": 0.7}, {"reorder": 0.8}, {"delay_ms": chance.randint(500, 4000)}, {"lose": 0.5}))
