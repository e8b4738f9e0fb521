"""The running stand-in: the one object that everything hangs on."""

import random
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from stripesim import bank_setups, dashboard, debits, disputing, payment_intents, plans, refunds, setup_intents
from stripesim.errors import InvalidParameters
from stripesim.faults import Faults, number
from stripesim.idempotency import Keys
from stripesim.limits import Limiter
from stripesim.webhooks import Courier, Manners, read_manners
from stripesim.world import Object, World, public

HAPPENINGS: dict[str, plans.Happening] = {
    "debit.dispute": debits.dispute_later,
    "debit.settle": debits.settle_later,
    "deposits.fail": bank_setups.deposits_fail,
    "dispute.overdue": disputing.overdue,
    "refund.succeed_later": refunds.succeed_later,
    "refund.fail_later": refunds.fail_later,
}
HURRIED_S, HURRIED_ROUNDS = 3600.0, 2
LATENCY_MS_MAX = 60_000
BANK_DELAY_S_MAX, LIMIT_PER_S_MAX = 30 * 86_400, 1_000_000


@dataclass(kw_only=True)
class StandIn:
    """What is known, what is misbehaving, and how long an answer takes."""

    world: World
    keys: Keys
    faults: Faults
    chance: random.Random
    courier: Courier | None
    latency_ms: int = 0
    seed: int = 0
    manners: Manners = field(default_factory=Manners)
    limiter: Limiter = field(default_factory=Limiter)

    def config(self) -> dict[str, Any]:
        lag_ms = int(self.world.search_lag_s * 1000)
        return {
            "bank_delay_s": self.world.bank_delay_s,
            "latency_ms": self.latency_ms,
            "limit_per_s": self.limiter.per_s,
            "search_lag_ms": lag_ms,
            "seed": self.seed,
            "webhooks": vars(self.manners),
        }

    def configure(self, given: Any) -> None:
        """Change what is given and nothing else."""
        if not isinstance(given, dict) or not isinstance(webhooks := given.get("webhooks", {}), dict):
            raise InvalidParameters("The configuration is a JSON object, and so is its 'webhooks'.")
        unknown = sorted(given.keys() - self.config().keys()) + sorted(webhooks.keys() - vars(self.manners).keys())
        if unknown:
            raise InvalidParameters(f"The configuration has no '{unknown[0]}'.", param=unknown[0])
        latency_ms = int(number(given, "latency_ms", self.latency_ms, most=LATENCY_MS_MAX))
        lag_ms = number(given, "search_lag_ms", self.world.search_lag_s * 1000, most=3_600_000)
        delay_s = number(given, "bank_delay_s", self.world.bank_delay_s, most=BANK_DELAY_S_MAX)
        limit = number(given, "limit_per_s", self.limiter.per_s, most=LIMIT_PER_S_MAX)
        self.manners = read_manners(webhooks, self.manners, number)
        if self.courier is not None:
            self.courier.behave(self.manners)
        self.latency_ms, self.world.search_lag_s, self.world.bank_delay_s = latency_ms, lag_ms / 1000, delay_s
        if "limit_per_s" in given:
            self.limiter = Limiter(per_s=limit, left=limit, at=self.world.now())
        if "seed" in given:
            self.seed = int(number(given, "seed", 0, most=2**63))
            self.chance.seed(self.seed)

    def act(self, act: dashboard.Act, given: Any, ident: str) -> Object:
        """What somebody does at Stripe itself, as one transaction."""
        tx = self.world.begin()
        after = act(tx, dashboard.read(given, act), ident)
        tx.commit()
        return public(after)

    def hurry(self) -> None:
        """Let what was promised for the next hour happen now, and what that promises in turn."""
        for _ in range(HURRIED_ROUNDS):
            plans.perform_due(self.world, HAPPENINGS, ahead_s=HURRIED_S)

    def finish_authentication(self, intent: Object, *, passed: bool) -> Object:
        """What the customer did on the authentication page, as one transaction."""
        tx = self.world.begin()
        resource = payment_intents if intent["object"] == "payment_intent" else setup_intents
        after = resource.finish_authentication(tx, intent, passed=passed)
        tx.commit()
        return after


STAND_IN: web.AppKey[StandIn] = web.AppKey("stand_in", StandIn)
