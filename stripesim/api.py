"""Stripe's HTTP: who may ask, what was asked, the idempotency layer with the faults inside it, and the answer."""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from stripesim import (
    API_VERSION,
    charges,
    customers,
    disputes,
    events,
    idempotency,
    mandates,
    payment_intents,
    payment_methods,
    refunds,
)
from stripesim import setup_intents as setups
from stripesim.endpoints import Call, Endpoint
from stripesim.errors import ApiError, InvalidParameters, broken, key_in_use, rate_limited, unauthenticated
from stripesim.faults import Kind, Rule
from stripesim.forms import Form, parse
from stripesim.journal import encode
from stripesim.objects import expand
from stripesim.stand_in import STAND_IN, StandIn
from stripesim.world import Object, Transaction, new_id, public

RESOURCES = (customers, payment_methods, payment_intents, setups, mandates, charges, refunds, disputes, events)
ENDPOINTS: tuple[Endpoint, ...] = tuple(endpoint for resource in RESOURCES for endpoint in resource.ENDPOINTS)
TOO_MANY_REQUESTS = 429
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key, stripe-version",
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came."""

    request: web.Request
    endpoint: Endpoint
    body: str
    id: str
    key: str | None
    publishable: bool

    @property
    def fingerprint(self) -> str:
        return idempotency.fingerprint(self.endpoint.method, self.request.path, self.body)


class Dropped(Exception):
    """The connection is cut without an answer."""


def routes() -> list[web.RouteDef]:
    found = [web.route(endpoint.method, endpoint.path, _handler(endpoint)) for endpoint in ENDPOINTS]
    return [*found, web.options("/v1/{any:.*}", preflight), web.route("*", "/v1/{any:.*}", unknown)]


async def preflight(_request: web.Request) -> web.Response:
    return web.Response(status=204, headers=CORS)


async def unknown(request: web.Request) -> web.Response:
    message = f"Unrecognized request URL ({request.method}: {request.path}), or one the stand-in does not serve."
    return web.Response(status=404, body=encode(ApiError(404, message).body), content_type="application/json")


def _handler(endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        ident = new_id("req", 14)
        try:
            answer = await _answer(request, endpoint, ident)
        except ApiError as error:
            answer = {"status": error.status, "body": error.body}
        except Dropped:
            return _cut(request)
        except OSError as error:
            request.app.logger.error("stripesim: the journal cannot be written: %s", error)  # noqa: TRY400 - no trace
            answer = {"status": 500, "body": broken().body}
        return _response(request, endpoint, ident, answer)

    return handle


def _cut(request: web.Request) -> web.Response:
    """End the connection; the answer that is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _response(request: web.Request, endpoint: Endpoint, ident: str, answer: Object) -> web.Response:
    headers = {
        "Request-Id": ident,
        "Stripe-Version": request.headers.get("Stripe-Version", API_VERSION),
        "Cache-Control": "no-cache, no-store",
    }
    if endpoint.publishable:
        headers |= CORS
    if (key := request.headers.get("Idempotency-Key")) is not None and key.isprintable():
        headers["Idempotency-Key"] = key
    if answer["status"] == TOO_MANY_REQUESTS:
        headers["Stripe-Rate-Limited-Reason"] = "global-rate"
    if "original" in answer:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": answer["original"]}
    body = encode(answer["body"])
    return web.Response(status=answer["status"], body=body, headers=headers, content_type="application/json")


async def _answer(request: web.Request, endpoint: Endpoint, ident: str) -> Object:
    stand_in = request.app[STAND_IN]
    body = await _body(request)
    publishable = _authenticate(request, endpoint, body)
    key = request.headers.get("Idempotency-Key") if endpoint.method == "POST" else None
    asked = Asked(request=request, endpoint=endpoint, body=body, id=ident, key=key, publishable=publishable)
    if not stand_in.limiter.admit(stand_in.world.now()):
        raise rate_limited()
    _strike_in_front(stand_in, asked)
    if key is None:
        return await _execute(stand_in, asked)
    known = stand_in.keys.recall(idempotency.check(key), asked.fingerprint)
    if known is not None:
        return {"status": known["status"], "body": known["body"], "original": known["request"]}
    with stand_in.keys.flight(key):
        return await _execute(stand_in, asked)


async def _body(request: web.Request) -> str:
    if request.method == "GET":
        return request.query_string
    try:
        return await request.text()
    except UnicodeDecodeError as error:
        raise InvalidParameters("The form could not be read.") from error


def _authenticate(request: web.Request, endpoint: Endpoint, body: str) -> bool:
    """Whether the key is a publishable one; no answer at all without a key that may do this."""
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        credential = _user(credential)
    if not credential and "key=pk_test_" in body:
        credential = Form(parse(body)).text("key") or ""
    if credential.startswith(("sk_test_", "rk_test_")):
        return False
    if not credential.startswith("pk_test_"):
        raise unauthenticated("Give a test secret key: 'Authorization: Bearer sk_test_…'.")
    if not endpoint.publishable:
        raise unauthenticated("This needs a secret key; a publishable key cannot do it.")
    return True


def _user(credential: str) -> str:
    """The key as the user name of basic authentication."""
    try:
        return b64decode(credential).decode("latin-1").partition(":")[0]
    except ValueError:
        return ""


def _strike_in_front(stand_in: StandIn, asked: Asked) -> None:
    rule = stand_in.faults.strike(asked.endpoint.method, asked.request.path, in_front=True)
    if rule is None:
        return
    if rule.kind is Kind.DROP_BEFORE:
        raise Dropped
    raise rate_limited() if rule.kind is Kind.RATE_LIMIT_429 else key_in_use(asked.key or asked.id)


async def _execute(stand_in: StandIn, asked: Asked) -> Object:
    """Do it once, with whatever goes wrong inside the idempotency layer."""
    rule = stand_in.faults.strike(asked.endpoint.method, asked.request.path, in_front=False)
    if rule is not None and rule.kind is Kind.SLOW_THEN_COMMIT:
        await stand_in.faults.hold_up(rule)  # before any latency, or it could be deleted unheard
    if stand_in.latency_ms:
        await asyncio.sleep(stand_in.latency_ms / 1000)
    answer = _commit(stand_in, asked, rule)
    if rule is not None and rule.kind is Kind.DROP_AFTER_COMMIT:
        raise Dropped
    return answer


def _commit(stand_in: StandIn, asked: Asked, rule: Rule | None) -> Object:
    """From here to the end nothing waits, so no other request comes between: this is the lock on every object."""
    tx = stand_in.world.begin(request_id=asked.id, key=asked.key)
    answer: Object = {"status": 500, "body": broken().body}
    if rule is None or rule.kind is not Kind.ERROR_500_BEFORE:
        try:
            answer = {"status": 200, "body": _run(tx, asked)}
        except ApiError as error:
            if not error.remembered:
                raise
            answer = {"status": error.status, "body": error.body}
    if rule is not None and rule.kind is Kind.ERROR_500_AFTER_COMMIT:
        answer = {"status": 500, "body": broken().body}
    if asked.key is not None:
        stand_in.keys.remember(tx, asked.key, asked.fingerprint, {**answer, "request": asked.id})
    tx.commit()
    return answer


def _run(tx: Transaction, asked: Asked) -> Object:
    form = Form({name: value for name, value in parse(asked.body).items() if name not in {"key", "_stripe_account"}})
    form.allow(asked.endpoint.takes)
    if asked.publishable and "{intent}" in asked.endpoint.path:
        form.required("client_secret")
    request = asked.request
    base = f"{request.scheme}://{request.host}"
    call = Call(
        tx=tx,
        form=form,
        path=request.match_info,
        url=request.path,
        base=base,
        publishable=asked.publishable,
        ip=request.remote or "",
        agent=request.headers.get("User-Agent", ""),
    )
    return expand(tx, public(asked.endpoint.run(call)), form.texts("expand"))
