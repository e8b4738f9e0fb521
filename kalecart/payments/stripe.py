"""Stripe as the shop's payment provider: intents, refunds, disputes and events."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final
from urllib.parse import quote

import stripe
import structlog

from kalecart.errors import Refused
from kalecart.ids import OrderId, RefundId
from kalecart.money import CURRENCY
from kalecart.payments import described
from kalecart.payments.dispute import DisputeSnapshot
from kalecart.payments.event import SETTLED_TYPES, EventSnapshot
from kalecart.payments.intent import REQUIRES_METHOD, IntentSnapshot
from kalecart.payments.listing import Span, pages
from kalecart.payments.pace import Pace
from kalecart.payments.refund import RefundSnapshot, RefundState
from kalecart.payments.stripe_calls import body_of
from kalecart.payments.stripe_methods import BANK, StripeMethods

API_VERSION: Final = "2026-08-26.dahlia"
TIMEOUT_S: Final = 20.0
SIGNATURE_TOLERANCE_S: Final = 300
# Cards pay for any order (C14), bank accounts for delivery (C1); nothing else, whatever the account's settings offer.
METHOD_TYPES: Final = ("card", BANK)

log = structlog.get_logger()


class ForgedEvent(Refused):
    """The signature of this event is not valid."""


class StripeGateway(StripeMethods):
    """The payment provider. Opened once for a process, closed with it."""

    def __init__(
        self, secret_key: str, *, api_base: str, webhook_secret: str, shop_url: str, pace: Pace | None = None
    ) -> None:
        # `api_base` empty means Stripe itself; `shop_url` is where a bank sends the customer back to.
        self._shop_url = shop_url
        self._pace = pace or Pace(0)
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
    async def open(
        cls, secret_key: str, *, api_base: str, webhook_secret: str, shop_url: str, pace: Pace | None = None
    ) -> AsyncGenerator["StripeGateway"]:
        gateway = cls(secret_key, api_base=api_base, webhook_secret=webhook_secret, shop_url=shop_url, pace=pace)
        try:
            yield gateway
        finally:
            await gateway._http.close_async()  # its own

    async def create_intent(
        self, order_id: OrderId, *, amount_cents: int, stripe_customer_id: str, key: str
    ) -> IntentSnapshot:
        return described.intent(
            await self._ask(
                "post",
                "/v1/payment_intents",
                amount=amount_cents,
                currency=CURRENCY,
                customer=stripe_customer_id,
                payment_method_types=list(METHOD_TYPES),
                metadata={"order_id": str(order_id)},
                idempotency_key=key,
            )
        )

    async def confirm_intent(self, stripe_id: str, *, method_id: str, order_id: OrderId, key: str) -> IntentSnapshot:
        confirm = self._ask(
            "post",
            f"{_path(stripe_id)}/confirm",
            payment_method=method_id,
            return_url=f"{self._shop_url}/orders/{order_id}/return",
            idempotency_key=key,
        )
        try:
            return described.intent(await confirm)
        except stripe.CardError as error:
            refused = body_of(error).get("payment_intent")
            return described.intent(refused) if refused else await self.read_intent(stripe_id)
        except stripe.InvalidRequestError as error:
            if error.code == "payment_intent_unexpected_state":
                return await self.read_intent(stripe_id)
            if error.param == "intent":
                raise
            # The method was detached or blocked, or its mandate ended: nothing moved, and another may be tried.
            log.warning("stripe_refused_method", order_id=order_id, code=error.code)
            seen = await self.read_intent(stripe_id)
            refused = {"status": REQUIRES_METHOD, "decline_code": error.code or "method_refused"}
            return replace(seen, **refused, method_id=method_id, charge_id=None)

    async def cancel_intent(self, stripe_id: str, *, key: str) -> IntentSnapshot:
        try:
            return described.intent(await self._ask("post", f"{_path(stripe_id)}/cancel", idempotency_key=key))
        except stripe.InvalidRequestError as error:
            if error.code != "payment_intent_unexpected_state":
                raise
            return await self.read_intent(stripe_id)

    async def read_intent(self, stripe_id: str) -> IntentSnapshot:
        return described.intent(await self._read(_path(stripe_id)))

    async def bank_page(self, stripe_id: str) -> str | None:
        return described.bank_page(await self._read(_path(stripe_id)))

    async def create_refund(
        self, refund_id: RefundId, *, stripe_id: str, amount_cents: int, key: str
    ) -> RefundSnapshot:
        asked = self._ask(
            "post",
            "/v1/refunds",
            payment_intent=stripe_id,
            amount=amount_cents,
            metadata={"refund_id": str(refund_id)},
            idempotency_key=key,
        )
        try:
            return described.refund(await asked)
        except stripe.InvalidRequestError as error:
            # More than is left, or disputed: Stripe will not, and asking again will not help.
            return RefundSnapshot(
                stripe_id=None,
                refund_id=refund_id,
                intent_id=stripe_id,
                amount_cents=amount_cents,
                state=RefundState.FAILED,
                failure_code=error.code or "refused",
            )

    async def refunds_of(self, stripe_id: str) -> Sequence[RefundSnapshot]:
        found = await self._ask("get", "/v1/refunds", payment_intent=stripe_id, limit=100)
        return [described.refund(one) for one in found["data"]]

    async def read_refund(self, stripe_id: str) -> RefundSnapshot:
        return described.refund(await self._read(f"/v1/refunds/{quote(stripe_id, safe='')}"))

    async def read_dispute(self, stripe_id: str) -> DisputeSnapshot:
        return described.dispute(await self._read(f"/v1/disputes/{quote(stripe_id, safe='')}"))

    async def answers(self) -> None:
        await self._ask("get", "/v1/payment_intents", limit=1)

    async def intents(self, span: Span) -> AsyncIterator[Sequence[IntentSnapshot]]:
        async for page in pages(self._ask, "/v1/payment_intents", span):
            yield [described.intent(each) for each in page]

    async def refunds(self, span: Span) -> AsyncIterator[Sequence[RefundSnapshot]]:
        async for page in pages(self._ask, "/v1/refunds", span):
            yield [described.refund(each) for each in page]

    async def disputes(self, span: Span) -> AsyncIterator[Sequence[DisputeSnapshot]]:
        async for page in pages(self._ask, "/v1/disputes", span):
            yield [described.dispute(each) for each in page]

    async def events(self, span: Span) -> AsyncIterator[Sequence[EventSnapshot]]:
        async for page in pages(self._ask, "/v1/events", span, types=sorted(SETTLED_TYPES)):
            yield [described.event(each, live=self._live) for each in page]

    def read_event(self, payload: bytes, signature: str) -> EventSnapshot:
        """A verified event. Raises ForgedEvent: altered, too old, or no event at all (E30)."""
        if not signature.isascii():  # the library compares text, and only ASCII text can be
            raise ForgedEvent("Nothing was stored.")
        try:
            text = payload.decode()
            stripe.WebhookSignature.verify_header(
                text, signature, self._webhook_secret, tolerance=SIGNATURE_TOLERANCE_S
            )
            event = json.loads(text)  # the library would make objects of it all, for a third of what the webhook takes
        except (ValueError, RecursionError, stripe.SignatureVerificationError):
            raise ForgedEvent("Nothing was stored.") from None
        if not isinstance(event, dict) or event.get("object") != "event":
            raise ForgedEvent("This is no event. Nothing was stored.")
        try:
            read = described.event(event, live=self._live)
        except (AttributeError, KeyError, TypeError):
            read = None
        if read is None or not read.well_formed:
            raise ForgedEvent("This is no event. Nothing was stored.")
        return read


def _path(stripe_id: str) -> str:
    return f"/v1/payment_intents/{quote(stripe_id, safe='')}"
