"""What must be true whatever was done to the shop: the history of its clients and its books, held side by side."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chaos.books import Books
from chaos.history import History

REFUNDED: Final = ("refund", "refund_back")
DISPUTED: Final = ("dispute", "dispute_back")


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Ids by what is wrong with them; all empty is the shop's promise kept. Sums are cents."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    sums: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # Stripe's, ours

    @property
    def clean(self) -> bool:
        return not (self.lost or self.double or self.wrong) and all(a == b for a, b in self.sums.values())


def judge(history: History, books: Books) -> Findings:
    return Findings(
        lost=[*_lost(history, books)],
        double=[*_double(history, books)],
        wrong=[*_untrue(history, books), *_by_order(books)],
        sums=_sums(books),
    )


def _lost(history: History, books: Books) -> Iterator[str]:
    """Every order that was acknowledged is there, and is the one that was acknowledged."""
    for placed in history.did("place", "ok"):
        order = books.orders.get(placed.order_id)
        if order is None:
            yield f"order {placed.order_id} was acknowledged and is not there"
        elif order["total_cents"] != placed.told["total_cents"] or order["idempotency_key"] != placed.key:
            yield f"order {placed.order_id} is another one than was acknowledged"


def _double(history: History, books: Books) -> Iterator[str]:
    """One key, one order; one order, one charge; one refund id, one refund."""
    by_key: dict[str, set[str]] = defaultdict(set)
    for placed in history.did("place", "ok"):
        by_key[placed.key].add(placed.order_id)
    for order in books.orders.values():
        by_key[order["idempotency_key"]].add(order["id"])
    yield from (f"key {key[:6]}… made {len(made)} orders" for key, made in by_key.items() if len(made) > 1)
    succeeded: dict[str, int] = defaultdict(int)
    for intent in books.intents:
        succeeded[_order_of(intent)] += sum(charge["status"] == "succeeded" for charge in intent["charges"])
    yield from (f"order {order} was charged {n} times at Stripe" for order, n in succeeded.items() if n > 1)
    yield from (f"order {order} has {n} charges in the ledger" for order, n in books.charges.items() if n > 1)
    made: dict[str, int] = defaultdict(int)
    for intent in books.intents:
        for refund in intent["refunds"]:
            if (ours := refund["metadata"].get("refund_id")) and refund["status"] in {"succeeded", "pending"}:
                made[ours] += 1
    yield from (f"refund {refund} was made {n} times at Stripe" for refund, n in made.items() if n > 1)


def _untrue(history: History, books: Books) -> Iterator[str]:
    """What the shop said is so."""
    keys = {order["idempotency_key"] for order in books.orders.values()}
    for placed in history.did("place", "fail"):
        if placed.key in keys:
            yield f"key {placed.key[:6]}… was refused and made an order"
    for cancelled in history.did("cancel", "ok"):
        order = books.orders.get(cancelled.order_id)
        if order is not None and order["status"] != "cancelled":
            yield f"order {cancelled.order_id} was said to be cancelled and is {order['status']}"
    for refund in history.did("refund", "ok"):
        if refund.key not in books.refunds:
            yield f"refund {refund.key} was promised and is not there"
    yield from (f"a bug was shown: {words}" for words in sorted(set(history.broken)))


def _by_order(books: Books) -> Iterator[str]:
    """Stripe, the ledger and the order say the same, of each order."""
    theirs: dict[str, dict[str, int]] = defaultdict(lambda: {"charged": 0, "refunded": 0, "disputed": 0})
    for intent in books.intents:
        moved = theirs[_order_of(intent)]
        for name, cents in _moved(intent).items():
            moved[name] += cents
    promised: dict[str, int] = defaultdict(int)
    for refund in books.refunds.values():
        promised[refund["order_id"]] += refund["amount_cents"]
    for order_id in theirs.keys() | books.entries.keys():
        order, stripe = books.orders.get(order_id), theirs[order_id]
        ours = _kept(books.entries.get(order_id, {}))
        if order is None:
            yield f"money of order {order_id} moved, which is not there"
            continue
        yield from (
            f"order {order_id}: Stripe {name} {stripe[name]}, the ledger says {ours[name]}"
            for name in stripe
            if stripe[name] != ours[name]
        )
        if ours["charged"] not in {0, order["total_cents"]} or (order["paid_at"] is not None) != (ours["charged"] > 0):
            yield f"order {order_id} of {order['total_cents']} is {order['status']} with {ours['charged']} charged"
        if promised[order_id] > ours["charged"]:
            yield f"order {order_id}: {promised[order_id]} were promised back of {ours['charged']}"
        left = ours["charged"] - ours["refunded"] - ours["disputed"]
        if left < 0 or (order["status"] == "cancelled" and left > 0):
            yield f"order {order_id} is {order['status']} with {left} kept"


def _sums(books: Books) -> dict[str, tuple[int, int]]:
    stripe: dict[str, int] = defaultdict(int)
    ledger: dict[str, int] = defaultdict(int)
    for intent in books.intents:
        for name, cents in _moved(intent).items():
            stripe[name] += cents
    for entries in books.entries.values():
        for name, cents in _kept(entries).items():
            ledger[name] += cents
    return {name: (stripe[name], ledger[name]) for name in ("charged", "refunded", "disputed")}


def _moved(intent: Mapping[str, Any]) -> dict[str, int]:
    """At Stripe, as its ledger tells it."""
    return {
        "charged": sum(charge["amount"] for charge in intent["charges"] if charge["status"] == "succeeded"),
        "refunded": sum(
            refund["amount"] for refund in intent["refunds"] if refund["status"] in {"succeeded", "pending"}
        ),
        "disputed": sum(dispute["withdrawn"] for dispute in intent["disputes"]),
    }


def _kept(entries: Mapping[str, int]) -> dict[str, int]:
    """In our ledger, where what leaves is negative."""
    return {
        "charged": entries.get("charge", 0),
        "refunded": -sum(entries.get(kind, 0) for kind in REFUNDED),
        "disputed": -sum(entries.get(kind, 0) for kind in DISPUTED),
    }


def _order_of(intent: Mapping[str, Any]) -> str:
    return intent["metadata"].get("order_id", "none")
