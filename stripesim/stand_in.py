"""The running stand-in: the one object that everything hangs on."""

import random
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from stripesim import payment_intents, plans, refunds, setup_intents
from stripesim.errors import InvalidParameters
from stripesim.faults import Faults, number
from stripesim.idempotency import Keys
from stripesim.webhooks import Courier, Manners, read_manners
from stripesim.world import Object, World

HAPPENINGS: dict[str, plans.Happening] = {
    "refund.succeed_later": refunds.succeed_later,
    "refund.fail_later": refunds.fail_later,
}
LATENCY_MS_MAX = 60_000


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

    def config(self) -> dict[str, Any]:
        lag_ms = int(self.world.search_lag_s * 1000)
        return {
            "latency_ms": self.latency_ms,
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
        self.manners = read_manners(webhooks, self.manners, number)
        if self.courier is not None:
            self.courier.behave(self.manners)
        self.latency_ms, self.world.search_lag_s = latency_ms, lag_ms / 1000
        if "seed" in given:
            self.seed = int(number(given, "seed", 0, most=2**63))
            self.chance.seed(self.seed)

    def finish_authentication(self, intent: Object, *, passed: bool) -> Object:
        """What the customer did on the authentication page, as one transaction."""
        tx = self.world.begin()
        resource = payment_intents if intent["object"] == "payment_intent" else setup_intents
        after = resource.finish_authentication(tx, intent, passed=passed)
        tx.commit()
        return after


STAND_IN: web.AppKey[StandIn] = web.AppKey("stand_in", StandIn)
