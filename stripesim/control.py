"""The stand-in's own interface, for tests and the workbench: configuration, faults, the ledger. Loopback only."""

import asyncio
import json
from collections import Counter
from typing import Any

from aiohttp import web

from stripesim.errors import ApiError, InvalidParameters
from stripesim.faults import read_rule
from stripesim.stand_in import STAND_IN
from stripesim.world import World

FLUSH_TIMEOUT_S = 30
ENTRIES_AT_A_TIME = 50
LOOPBACK = frozenset({"127.0.0.1", "::1"})
KINDS = ("customer", "payment_method", "payment_intent", "setup_intent", "charge", "refund", "event")


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
    request.app[STAND_IN].faults.rules.clear()
    return web.json_response({"faults": []})


async def ledger(request: web.Request) -> web.Response:
    """Every intent with its charges and refunds, oldest first, and the sums; with `?totals_only=1` the sums alone."""
    entries, totals = await _entries(request.app[STAND_IN].world)
    if "totals_only" in request.query:
        return web.json_response({"totals": totals})
    return web.json_response({"intents": entries, "totals": totals})


async def _entries(world: World) -> tuple[list[dict[str, Any]], dict[str, int]]:
    entries, totals = [], Counter({"intents": 0, "succeeded": 0, "received": 0, "charged": 0, "refunded": 0})
    for ident in reversed(list(world.newest("payment_intent"))):
        if totals["intents"] % ENTRIES_AT_A_TIME == 0:
            await asyncio.sleep(0)  # payments go on while a long ledger is drawn up
        intent = world.find("payment_intent", ident) or {}
        charges = [_of(world, "charge", charge) for charge in world.newest("charge", tied_to=ident)]
        refunds = [_of(world, "refund", refund) for refund in world.newest("refund", tied_to=ident)]
        shown = ("id", "customer", "created", "metadata", "status", "amount", "amount_received", "currency")
        entries.append({**{name: intent[name] for name in shown}, "charges": charges, "refunds": refunds})
        totals["intents"] += 1
        totals["succeeded"] += intent["status"] == "succeeded"
        totals["received"] += intent["amount_received"]
        totals["charged"] += sum(charge["amount"] for charge in charges if charge["status"] == "succeeded")
        totals["refunded"] += sum(
            refund["amount"] for refund in refunds if refund["status"] in {"succeeded", "pending"}
        )
    return entries, dict(totals)


def _of(world: World, kind: str, ident: str) -> dict[str, Any]:
    body = world.find(kind, ident) or {}
    shown = ("id", "amount", "status", "created", "failure_code", "failure_reason", "metadata")
    return {name: body[name] for name in shown if name in body}


async def flush(request: web.Request) -> web.Response:
    courier = request.app[STAND_IN].courier
    complete = courier is None or await courier.flush(timeout_s=FLUSH_TIMEOUT_S)
    waiting = courier.waiting() if courier else 0
    return web.json_response({"complete": complete, "waiting": waiting}, status=200 if complete else 504)
