"""dramatiq, reduced to what may be lost: it carries hints and runs actors.

No Retries, no TimeLimit, no delays, no results: an actor that raises while Valkey is down would lose its message for
good, and a delayed message can get stuck. Attempts, delays and dead letters are in the task table.
"""

from typing import Final

import dramatiq

from kalecart.dispatch import redis_broker
from kalecart.jobs import ChargeOrder, ExpireCarts, Job, OpenWindows, Prune, SettleEvent
from kalecart.runtime import Runtime
from workers import payments, upkeep
from workers.performing import Performer, declare

PERFORMERS: Final[dict[type[Job], Performer]] = {
    ChargeOrder: payments.charge,
    SettleEvent: payments.settle,
    OpenWindows: upkeep.open_more_windows,
    ExpireCarts: upkeep.forget_carts,
    Prune: upkeep.remove_the_finished,
}

# How long an idle consumer sleeps between looks. Dramatiq's own second would be most of the time between accepting an
# order and charging it.
IDLE_POLL_MS: Final = 20


def make_broker(valkey_url: str) -> dramatiq.Broker:
    return redis_broker(valkey_url, middleware=[])


def declare_actors(broker: dramatiq.Broker, runtime: Runtime) -> None:
    """One actor for every kind of job."""
    for kind, perform in PERFORMERS.items():
        declare(kind, perform, broker=broker, runtime=runtime)
