"""What must be true of money after anything: Stripe, the ledger and the orders say the same."""

from dataclasses import dataclass
from typing import Any

import asyncpg
from aiohttp import ClientSession
from sqlalchemy.engine import make_url

from tests.live import LiveShop


@dataclass(frozen=True, kw_only=True)
class Books:
    """By order: what Stripe collected, what the ledger holds, what the order says. Cents."""

    collected: dict[str, list[int]]
    ledger: dict[str, list[int]]
    orders: dict[str, tuple[str, int]]
    unfinished: list[str]

    def settled(self) -> bool:
        return not self.unfinished

    def paid(self) -> set[str]:
        return {order for order, (status, _) in self.orders.items() if status == "paid"}

    def charged_twice(self) -> set[str]:
        return {order for order, amounts in self.collected.items() if len(amounts) > 1}

    def disagreements(self) -> list[str]:
        """Orders about which the three do not say the same."""
        wrong = []
        for order in self.collected.keys() | self.ledger.keys() | self.paid():
            status, total = self.orders.get(order, ("unknown", 0))
            if not self.collected.get(order) == self.ledger.get(order) == [total] or status != "paid":
                wrong.append(order)
        return wrong


async def read_books(shop: LiveShop) -> Books:
    environment = shop.environment("doctor")
    url = make_url(environment["KALE_DATABASE_URL"]).set(drivername="postgresql")
    pg = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        orders = await pg.fetch("SELECT id, status, total_cents FROM customer_order")
        entries = await pg.fetch("SELECT order_id, amount_cents FROM ledger_entry WHERE kind = 'charge'")
        # Only what an order waits for: the clock's own jobs come and go.
        waiting = await pg.fetch(
            "SELECT key, state, attempts, last_error FROM task "
            "WHERE state <> 'done' AND topic IN ('charge_order', 'settle_event')"
        )
    finally:
        await pg.close()
    async with (
        ClientSession() as session,
        session.get(f"{environment['KALE_STRIPE_API_BASE']}/_sim/ledger") as answer,
    ):
        intents = (await answer.json())["intents"]
    return Books(
        collected=_by_order((each["metadata"]["order_id"], each["amount_received"]) for each in _succeeded(intents)),
        ledger=_by_order((str(row["order_id"]), row["amount_cents"]) for row in entries),
        orders={str(row["id"]): (row["status"], row["total_cents"]) for row in orders},
        unfinished=[" ".join(map(str, row)) for row in waiting],
    )


def _succeeded(intents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [intent for intent in intents if intent["status"] == "succeeded"]


def _by_order(amounts: Any) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for order, cents in amounts:
        found.setdefault(order, []).append(cents)
    return found
