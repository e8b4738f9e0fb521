"""The stand-in's own interface, for tests and the workbench: configuration, faults, the ledger. Loopback only."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from stripesim import dashboard
from stripesim.errors import ApiError, InvalidParameters
from stripesim.faults import read_rule
from stripesim.stand_in import STAND_IN
from stripesim.world import World

Handler = Callable[[web.Request], Awaitable[web.Response]]
FLUSH_TIMEOUT_S = 30
ENTRIES_AT_A_TIME = 50
LOOPBACK = frozenset({"127.0.0.1", "::1"})
KINDS = (
    *("customer", "payment_method", "payment_intent", "setup_intent", "mandate"),
    *("charge", "refund", "dispute", "event"),
)
SUMS = ("intents", "succeeded", "received", "charged", "refunded", "disputed", "dispute_fees", "net")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/_sim/health", health),
        web.get("/_sim/config", config),
        web.put("/_sim/config", configure),
        web.get("/_sim/faults", faults),
        web.post("/_sim/faults", add_fault),
        web.delete("/_sim/faults", clear_faults),
        web.get("/_sim/ledger", ledger),
        web.post("/_sim/webhooks/flush", flush),
        web.post("/_sim/hurry", hurry),
        *(web.post(f"/_sim/{path}", _acting(act)) for path, act in dashboard.ACTS.items()),
    ]


@web.middleware
async def guard(request: web.Request, handler: Any) -> web.StreamResponse:
    """No browser page and no other machine may steer the stand-in; mistakes are told as Stripe tells them."""
    if not request.path.startswith("/_sim/"):
        return await handler(request)
    if request.remote not in LOOPBACK or "Origin" in request.headers:
        raise web.HTTPForbidden
    try:
        return await handler(request)
    except ApiError as error:
        return web.json_response(error.body, status=error.status)


async def _json(request: web.Request) -> Any:
    try:
        return await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidParameters("The body is not JSON.") from error


def _acting(act: dashboard.Act) -> Handler:
    """Something that happens at Stripe without a request of the shop's."""

    async def handle(request: web.Request) -> web.Response:
        stand_in, given = request.app[STAND_IN], await _json(request) if request.can_read_body else {}
        return web.json_response(stand_in.act(act, given, request.match_info.get("id", "")))

    return handle


async def health(request: web.Request) -> web.Response:
    world, courier = request.app[STAND_IN].world, request.app[STAND_IN].courier
    counts = {kind: world.count(kind) for kind in KINDS}
    waiting = {"undelivered": len(world.unsettled), "on_their_way": courier.waiting() if courier else 0}
    return web.json_response({"status": "ok", "objects": counts, "webhooks": waiting})


async def config(request: web.Request) -> web.Response:
    return web.json_response(request.app[STAND_IN].config())


async def configure(request: web.Request) -> web.Response:
    request.app[STAND_IN].configure(await _json(request))
    return await config(request)


async def faults(request: web.Request) -> web.Response:
    return web.json_response({"faults": [rule.shown() for rule in request.app[STAND_IN].faults.rules]})


async def add_fault(request: web.Request) -> web.Response:
    rule = read_rule(await _json(request))
    request.app[STAND_IN].faults.rules.append(rule)
    return web.json_response(rule.shown(), status=201)


async def clear_faults(request: web.Request) -> web.Response:
    request.app[STAND_IN].faults.clear()
    return web.json_response({"faults": []})


async def ledger(request: web.Request) -> web.Response:
    """Every intent with its charges, refunds and disputes, oldest first, and the sums; `?totals_only=1`: the sums."""
    entries, totals = await _entries(request.app[STAND_IN].world)
    if "totals_only" in request.query:
        return web.json_response({"totals": totals})
    return web.json_response({"intents": entries, "totals": totals})


async def _entries(world: World) -> tuple[list[dict[str, Any]], dict[str, int]]:
    entries, totals = [], Counter(dict.fromkeys(SUMS, 0))
    for ident in reversed(list(world.newest("payment_intent"))):
        if totals["intents"] % ENTRIES_AT_A_TIME == 0:
            await asyncio.sleep(0)  # payments go on while a long ledger is drawn up
        entry = _entry(world, ident)
        entries.append(entry)
        totals["intents"] += 1
        totals["succeeded"] += entry["status"] == "succeeded"
        totals["received"] += entry["amount_received"]
        charged = sum(charge["amount"] for charge in entry["charges"] if charge["status"] == "succeeded")
        back = sum(refund["amount"] for refund in entry["refunds"] if refund["status"] in {"succeeded", "pending"})
        taken = sum(dispute["withdrawn"] for dispute in entry["disputes"])
        totals.update({"charged": charged, "refunded": back, "disputed": taken, "net": charged - back - taken})
        totals["dispute_fees"] += sum(dispute["fee"] for dispute in entry["disputes"])
    return entries, dict(totals)


def _entry(world: World, ident: str) -> dict[str, Any]:
    intent = world.find("payment_intent", ident) or {}
    shown = ("id", "customer", "created", "metadata", "status", "amount", "amount_received", "currency")
    return {
        **{name: intent[name] for name in shown},
        "charges": [_of(world, "charge", charge) for charge in world.newest("charge", tied_to=ident)],
        "refunds": [_of(world, "refund", refund) for refund in world.newest("refund", tied_to=ident)],
        "disputes": [_of(world, "dispute", dispute) for dispute in world.newest("dispute", tied_to=ident)],
    }


def _of(world: World, kind: str, ident: str) -> dict[str, Any]:
    body = world.find(kind, ident) or {}
    shown = ("id", "amount", "status", "created", "failure_code", "failure_reason", "reason", "metadata")
    known = {name: body[name] for name in shown if name in body}
    if kind == "dispute":
        # What was withdrawn and not reinstated: nothing, for an inquiry and for a dispute that was won.
        movements = body["balance_transactions"]
        known["withdrawn"] = -sum(movement["amount"] for movement in movements)
        known["fee"] = sum(movement["fee"] for movement in movements)
    return known


async def hurry(request: web.Request) -> web.Response:
    """Debits, refunds and late disputes that wait for their time come to their end now."""
    request.app[STAND_IN].hurry()
    return web.json_response({"planned": len(request.app[STAND_IN].world.plans)})


async def flush(request: web.Request) -> web.Response:
    courier = request.app[STAND_IN].courier
    complete = courier is None or await courier.flush(timeout_s=FLUSH_TIMEOUT_S)
    waiting = courier.waiting() if courier else 0
    return web.json_response({"complete": complete, "waiting": waiting}, status=200 if complete else 504)
