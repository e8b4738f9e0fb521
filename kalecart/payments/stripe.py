"""Stripe, through its official library: the only module that knows it.

A time-out, a lost connection, a 409, a 429 or a 5xx leaves the outcome unknown and raises Unavailable; a declined card
is an answer. No message of Stripe's travels further: they quote what was sent.
"""

import json
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import stripe
import structlog

from kalecart.errors import Refused, Unavailable
from kalecart.ids import CustomerId, OrderId
from kalecart.money import CURRENCY
from kalecart.payments.gateway import ServerError
from kalecart.payments.intent import IntentSnapshot
from kalecart.payments.method import CardSnapshot, CardUnusable, decline_words

API_VERSION: Final = "2026-08-26.dahlia"
TIMEOUT_S: Final = 20.0
SIGNATURE_TOLERANCE_S: Final = 300

log = structlog.get_logger()


class ForgedEvent(Refused):
    """The signature of this event is not valid."""


class StripeGateway:
    """The payment provider. Opened once for a process, closed with it."""

    def __init__(self, secret_key: str, *, api_base: str, webhook_secret: str) -> None:
        # `api_base` empty means Stripe itself.
        self._http = stripe.AIOHTTPClient(timeout=TIMEOUT_S)
        self._client = stripe.StripeClient(
            secret_key or "sk_test_unset",
            stripe_version=API_VERSION,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=0,  # one retry policy, in the task table
            http_client=self._http,
        )
        self._webhook_secret = webhook_secret
        self._live = secret_key.startswith(("sk_live_", "rk_live_"))

    @classmethod
    @asynccontextmanager
    async def open(cls, secret_key: str, *, api_base: str, webhook_secret: str) -> AsyncGenerator["StripeGateway"]:
        gateway = cls(secret_key, api_base=api_base, webhook_secret=webhook_secret)
        try:
            yield gateway
        finally:
            await gateway._http.close_async()  # its own

    async def create_intent(
        self, order_id: OrderId, *, amount_cents: int, stripe_customer_id: str, key: str
    ) -> IntentSnapshot:
        return _intent(
            await self._ask(
                "post",
                "/v1/payment_intents",
                amount=amount_cents,
                currency=CURRENCY,
                customer=stripe_customer_id,
                automatic_payment_methods={"enabled": True, "allow_redirects": "never"},
                metadata={"order_id": str(order_id)},
                idempotency_key=key,
            )
        )

    async def confirm_intent(self, stripe_id: str, *, method_id: str, key: str) -> IntentSnapshot:
        # The customer is not at this request, so a bank that wants a confirmation is asked for a plain no instead of
        # leaving the intention open.
        confirm = self._ask(
            "post",
            f"/v1/payment_intents/{quote(stripe_id, safe='')}/confirm",
            payment_method=method_id,
            error_on_requires_action=True,
            idempotency_key=key,
        )
        try:
            return _intent(await confirm)
        except stripe.CardError as error:
            described = _described(error).get("payment_intent")
            return _intent(described) if described else await self.read_intent(stripe_id)
        except stripe.InvalidRequestError as error:
            if error.code != "payment_intent_unexpected_state":
                raise
            return await self.read_intent(stripe_id)

    async def read_intent(self, stripe_id: str) -> IntentSnapshot:
        return _intent(await self._ask("get", f"/v1/payment_intents/{quote(stripe_id, safe='')}"))

    async def _ask(self, method: str, path: str, **asked: Any) -> Mapping[str, Any]:
        """A call of the order's path. The library makes an object of every part of an answer, which takes a worker
        longer than all it writes; here the answer is used as it came."""
        return (await _answer(self._client.raw_request_async(method, path, **asked))).data

    async def create_customer(self, customer_id: CustomerId, *, key: str) -> str:
        created = self._client.v1.customers.create_async(
            {"metadata": {"customer_id": str(customer_id)}}, {"idempotency_key": key}
        )
        return (await _answer(created)).id

    async def read_card(self, method_id: str) -> CardSnapshot:
        try:
            return _card((await _answer(self._client.v1.payment_methods.retrieve_async(method_id))).to_dict())
        except stripe.InvalidRequestError:
            raise CardUnusable("Stripe does not know this card. Please enter it again.") from None

    async def attach_card(self, method_id: str, *, stripe_customer_id: str, key: str) -> CardSnapshot:
        attached = self._client.v1.payment_methods.attach_async(
            method_id, {"customer": stripe_customer_id}, {"idempotency_key": key}
        )
        try:
            return _card((await _answer(attached)).to_dict())
        except stripe.CardError as error:
            described = _described(error)
            words = decline_words(described.get("decline_code") or described.get("code"))
            raise CardUnusable(f"{words} Nothing was charged. Please use another card.") from None
        except stripe.InvalidRequestError:
            raise CardUnusable("This card cannot be used. Please enter it again or use another.") from None

    def read_event(self, payload: bytes, signature: str) -> Mapping[str, Any]:
        """A verified event as a plain mapping. Raises ForgedEvent: altered, too old, of the other mode (E30, E33)."""
        if not signature.isascii():  # the library compares text, and only ASCII text can be
            raise ForgedEvent("Nothing was stored.")
        try:
            text = payload.decode()
            stripe.WebhookSignature.verify_header(
                text, signature, self._webhook_secret, tolerance=SIGNATURE_TOLERANCE_S
            )
            event = json.loads(text)  # the library would make objects of it all, for a third of what the webhook takes
        except (ValueError, stripe.SignatureVerificationError):
            raise ForgedEvent("Nothing was stored.") from None
        if not isinstance(event, dict) or event.get("object") != "event":
            raise ForgedEvent("This is no event. Nothing was stored.")
        if event.get("livemode") is not self._live:
            raise ForgedEvent("This event is of the other mode. Nothing was stored.")
        return event


async def _answer(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except (stripe.CardError, stripe.IdempotencyError):
        raise
    except stripe.StripeError as error:
        status = error.http_status or 0
        if isinstance(error, stripe.InvalidRequestError) and status not in {409, 429}:
            raise
        log.warning("stripe_did_not_answer", error=type(error).__name__, status=status)
        raise (ServerError if status >= 500 else Unavailable)(_WORDS) from None  # noqa: PLR2004  # HTTP's own
    except Exception as error:  # noqa: BLE001  # see below
        # The library lets its transport's errors through while it reads a body: the request was sent, so whatever this
        # is, the outcome is unknown.
        log.warning("stripe_did_not_answer", error=type(error).__name__)
        raise Unavailable(_WORDS) from None


_WORDS: Final = "The payment provider did not answer. Nothing is lost; it is asked again."


def _described(error: stripe.StripeError) -> Mapping[str, Any]:
    body = error.json_body
    return body.get("error", {}) if isinstance(body, dict) else {}


def _intent(described: Mapping[str, Any]) -> IntentSnapshot:
    trouble = described.get("last_payment_error") or {}
    method = (trouble.get("payment_method") or {}) if trouble else described.get("payment_method")
    return IntentSnapshot(
        stripe_id=described["id"],
        status=described["status"],
        amount_cents=described["amount"],
        order_id=_order_id(described.get("metadata") or {}),
        charge_id=_id(trouble.get("charge") or described.get("latest_charge")),
        decline_code=trouble.get("decline_code") or trouble.get("code"),
        method_id=_id(method),
    )


def _order_id(metadata: Mapping[str, str]) -> OrderId | None:
    try:
        return OrderId(UUID(metadata["order_id"]))
    except (KeyError, ValueError):
        return None


def _id(value: Any) -> str | None:
    return value.get("id") if isinstance(value, Mapping) else value


def _card(described: Mapping[str, Any]) -> CardSnapshot:
    card = described.get("card")
    if described.get("type") != "card" or not card:
        raise CardUnusable("This is not a card. Please use a credit or debit card.")
    brand = card.get("brand") or "unknown"
    return CardSnapshot(
        stripe_id=described["id"],
        brand=brand,
        funding=card.get("funding") or "unknown",
        last4=card.get("last4") or "",
        expires=f"{card.get('exp_month', 0):02d}/{card.get('exp_year', 0)}",
    )
