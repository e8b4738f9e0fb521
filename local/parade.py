"""Many new shoppers one after another, or some at once; every order the shop acknowledged must end paid."""

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from statistics import quantiles
from typing import Final

from local.journey import Bought, Journey
from local.visitor import Stopped, Visitor

MIDDLE: Final = 49
NEARLY_ALL: Final = 98

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    url: str
    orders: int
    at_once: int
    card: str
    patience_s: float
    seed: int | None


@dataclass
class Outcome:
    """What was bought, and one sentence for each shopper who could not."""

    bought: list[Bought] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


async def run(plan: Plan, *, tell: Say | None) -> Outcome:
    """Send the shoppers in. With more than one only the orders are told, not their steps."""
    outcome = Outcome()
    chance = random.Random(plan.seed)  # noqa: S311  # chooses groceries
    seeds = iter([chance.random() for _ in range(plan.orders)])
    await asyncio.gather(*(_queue(plan, seeds, outcome, tell) for _ in range(min(plan.at_once, plan.orders))))
    return outcome


async def _queue(plan: Plan, seeds: Iterator[float], outcome: Outcome, tell: Say | None) -> None:
    for seed in seeds:
        visitor = Visitor.at(plan.url, patience_s=plan.patience_s)
        steps = tell if plan.orders == 1 else None
        own_chance = random.Random(seed)  # noqa: S311  # chooses groceries
        journey = Journey(visitor=visitor, chance=own_chance, card=plan.card, tell=_steps(steps))
        try:
            bought = await journey.go()
        except Stopped as sentence:
            outcome.failures.append(str(sentence))
            if tell:
                tell(f"stopped  {sentence}")
        else:
            outcome.bought.append(bought)
            if tell and plan.orders > 1:
                tell(_line(bought, len(outcome.bought), plan.orders))
        finally:
            await visitor.session.close()


def _steps(say: Say | None) -> Callable[[str, float, str], None]:
    def tell(name: str, took_ms: float, said: str) -> None:
        if say is not None:
            say(f"{name:<9}{took_ms:8.1f} ms  {said}")

    return tell


def _line(bought: Bought, count: int, of: int) -> str:
    times = f"accepted {bought.accepted_ms:7.1f} ms, paid {bought.paid_ms:7.1f} ms later"
    again = f", asked again {bought.retries} times" if bought.retries else ""
    return f"{count:>4}/{of}  {bought.number}  {times}{again}"


def report(outcome: Outcome, *, as_json: bool) -> str:
    """The end of it, for people or for programs."""
    if as_json:
        orders = [asdict(bought) for bought in outcome.bought]
        return json.dumps({"paid": len(orders), "failures": outcome.failures, "orders": orders}, indent=2)
    if outcome.failures:
        return f"{len(outcome.bought)} orders paid, {len(outcome.failures)} shoppers stopped: {outcome.failures[0]}"
    if len(outcome.bought) == 1:
        return "The shop works: one order placed, charged and paid."
    accepted = quantiles((bought.accepted_ms for bought in outcome.bought), n=100, method="inclusive")
    paid = quantiles((bought.paid_ms for bought in outcome.bought), n=100, method="inclusive")
    return (
        f"All {len(outcome.bought)} orders are paid. Accepted in {accepted[MIDDLE]:.0f} ms "
        f"(p99 {accepted[NEARLY_ALL]:.0f}), paid {paid[MIDDLE]:.0f} ms later (p99 {paid[NEARLY_ALL]:.0f})."
    )
