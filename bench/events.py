"""A flood of what Stripe tells: refunds, disputes, and debits that a bank carries out or sends back days later."""

import asyncio
import collections
import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import chain, zip_longest
from typing import Any, Final
from uuid import UUID

from bench.connection import Connection, request
from bench.latency import latency
from bench.plan import Closed
from bench.scene import BenchFailed, Scene
from bench.shopper import Shopper
from kalecart.ids import CustomerId, new_id
from kalecart.payments.bank_account import MANDATE_SHA256, Acceptance
from kalecart.payments.save_account import Counter, save_account
from local.ports import HOST

# A dispute is two events, a refund and a debit one each: of three acts four events.
EVENTS_PER_SECOND: Final = 50.0
ACTS_PER_SECOND: Final = EVENTS_PER_SECOND * 3 / 4
KINDS: Final = (
    "refund.created",
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
)
# An account whose bank says nothing until it is told to.
SILENT: Final = "pm_usBankAccount_processing"
RETURNED: Final = "insufficient_funds"
DEBITED: Final = 16

Act = tuple[str, dict[str, Any]]

_CHARGED: Final = """
    SELECT i.stripe_id FROM payment_intent AS i JOIN customer_order AS o ON o.id = i.order_id
     WHERE i.status = 'succeeded' AND NOT EXISTS (SELECT FROM refund AS r WHERE r.order_id = o.id)
       AND NOT EXISTS (SELECT FROM dispute AS d WHERE d.order_id = o.id)
     ORDER BY o.placed_at DESC LIMIT $1
"""
_DEBITED: Final = "SELECT stripe_id FROM payment_intent WHERE status = 'processing' ORDER BY begun_at"
_SETTLED: Final = """
    SELECT type, extract(epoch FROM settled_at - received_at)::float8 AS s FROM inbox
     WHERE type = ANY ($1) AND received_at >= $2
"""


async def events(scene: Scene) -> dict[str, Any]:
    """(h) From the receipt of an event to the books, while they come at a steady rate."""
    each = round(ACTS_PER_SECOND * scene.extent.events_s / 3)
    await _debits(scene, each)
    async with scene.parts.db.direct() as pg:
        charged = [row["stripe_id"] for row in await pg.fetch(_CHARGED, 2 * each)]
        debited = [row["stripe_id"] for row in await pg.fetch(_DEBITED)]
    since = scene.parts.clock.now()
    begun = asyncio.get_running_loop().time()
    async with _stand_in(scene) as ask:
        for number, (path, told) in enumerate(_acts(charged[:each], charged[each:], debited)):
            await asyncio.sleep(max(begun + number / ACTS_PER_SECOND - asyncio.get_running_loop().time(), 0))
            await ask(path, told)
    took = asyncio.get_running_loop().time() - begun
    await scene.until_quiet()
    async with scene.parts.db.direct() as pg:
        rows = await pg.fetch(_SETTLED, KINDS, since)
    spread = latency(row["s"] for row in rows if row["s"] is not None)
    open_ones = collections.Counter(row["type"] for row in rows if row["s"] is None)
    return {
        "events": len(rows),
        "debits": len(debited),
        "per_second": round(len(rows) / took, 1),
        "unsettled": open_ones.total(),
        "unsettled_listed": [f"{count} × {kind}" for kind, count in open_ones.most_common()],
        "ms": spread.as_json() if spread else None,
    }


def _acts(refunded: Sequence[str], disputed: Sequence[str], debited: Sequence[str]) -> Iterator[Act]:
    """In turn; every second debit comes back."""
    ends = ({"outcome": "succeeded"}, {"outcome": "failed", "code": RETURNED})
    kinds = (
        [("/_sim/refunds", {"payment_intent": intent, "amount": 100}) for intent in refunded],
        [("/_sim/disputes", {"payment_intent": intent}) for intent in disputed],
        [(f"/_sim/debits/{intent}/settle", ends[number % 2]) for number, intent in enumerate(debited)],
    )
    return (act for act in chain.from_iterable(zip_longest(*kinds)) if act is not None)


async def _debits(scene: Scene, count: int) -> None:
    """Orders whose bank has been told to move the money and says nothing yet."""
    people = await asyncio.gather(*(_with_account(scene, shopper) for shopper in scene.trade.shoppers[:DEBITED]))
    shape = Closed(shoppers=len(people), seconds=60.0, journeys_max=count)
    placed = await scene.load("debits", shape, replace(scene.trade, shoppers=people).checkouts(f"debits-{new_id()}"))
    if placed["done"] != count:
        raise BenchFailed(f"{placed['done']} of {count} orders by bank account were placed: {placed['failures']}")
    await scene.until_quiet()


async def _with_account(scene: Scene, shopper: Shopper) -> Shopper:
    """The same, who pays from a bank account."""
    at = Counter(
        customer_id=CustomerId(UUID(shopper.customer)),
        db=scene.parts.db,
        gateway=scene.parts.gateway,
        vault=scene.parts.vault,
        clock=scene.parts.clock,
    )
    accepted = Acceptance(words_sha256=MANDATE_SHA256, origin=HOST, agent="bench")
    account = await save_account(SILENT, accepted, at)
    return replace(shopper, card=str(account.id))


@asynccontextmanager
async def _stand_in(scene: Scene) -> AsyncGenerator[Any]:
    port = scene.stack.ports["stripesim"]
    connection = await Connection.open(HOST, port)
    headers = {"Host": f"{HOST}:{port}", "Content-Type": "application/json"}

    async def ask(path: str, body: dict[str, Any]) -> None:
        answer = await connection.ask(request("POST", path, headers, json.dumps(body).encode()))
        if answer.status != 200:  # noqa: PLR2004  # HTTP's own
            raise BenchFailed(f"the Stripe stand-in refused {path}: {answer.body!r}")

    try:
        yield ask
    finally:
        connection.close()
