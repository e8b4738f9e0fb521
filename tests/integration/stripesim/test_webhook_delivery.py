"""Webhooks arrive signed, and as badly as they are asked to."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import stripe

from stripesim.app import Options
from tests import stripe_published
from tests.stand_in import WEBHOOK_SECRET, Caller, Sink, in_process, listening

PAID = {"amount": 1250, "currency": "usd", "payment_method_types[]": "card", "confirm": "true"}
VISA = {**PAID, "payment_method": "pm_card_visa"}


@pytest_asyncio.fixture
async def shop() -> AsyncIterator[tuple[Caller, Sink]]:
    async with listening() as sink:
        options = Options(webhook_url=sink.url, webhook_secret=WEBHOOK_SECRET)
        async with in_process(options) as sim:
            yield sim, sink


async def _flush(sim: Caller) -> None:
    assert (await sim.control("POST", "webhooks/flush"))["complete"]


def _kinds(sink: Sink) -> list[str]:
    return [event["type"] for event in sink.events()]


async def test_stripes_own_package_accepts_the_signature(shop: tuple[Caller, Sink]) -> None:
    sim, sink = shop
    await sim.made("/v1/payment_intents", VISA)
    await _flush(sim)

    for body, header in sink.got:
        stripe.WebhookSignature.verify_header(body.decode(), header, WEBHOOK_SECRET)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(body.decode() + " ", header, WEBHOOK_SECRET)
        event = stripe.Webhook.construct_event(body, header, WEBHOOK_SECRET, tolerance=10**9)
        assert event.api_version == "2026-08-26.dahlia"
    assert sorted(_kinds(sink)) == ["charge.succeeded", "payment_intent.created", "payment_intent.succeeded"]


async def test_every_event_says_what_happened_in_the_published_shape(shop: tuple[Caller, Sink]) -> None:
    sim, sink = shop
    customer = (await sim.made("/v1/customers"))["id"]
    await sim.made("/v1/setup_intents", {"customer": customer, "payment_method": "pm_card_visa", "confirm": "true"})
    paid = await sim.made("/v1/payment_intents", VISA)
    await sim.post("/v1/payment_intents", {**PAID, "payment_method": "pm_card_chargeDeclined"})
    waiting = await sim.made("/v1/payment_intents", {**PAID, "payment_method": "pm_card_authenticationRequired"})
    await sim.post(f"/v1/payment_intents/{waiting['id']}/cancel")
    refund = await sim.made("/v1/refunds", {"payment_intent": paid["id"]})
    await sim.made(f"/v1/refunds/{refund['id']}", {"metadata[a]": "b"})
    await _flush(sim)

    if stripe_published.PUBLISHED.exists():
        for event in sink.events():
            stripe_published.hold_objects(event)
    assert set(_kinds(sink)) == {
        *("charge.failed", "charge.refunded", "charge.succeeded", "customer.created", "payment_intent.canceled"),
        *("payment_intent.created", "payment_intent.payment_failed", "payment_intent.requires_action"),
        *("payment_intent.succeeded", "payment_method.attached", "refund.created", "refund.updated"),
        *("setup_intent.created", "setup_intent.succeeded"),
    }


async def test_an_event_names_the_request_that_caused_it(shop: tuple[Caller, Sink]) -> None:
    sim, sink = shop
    answer = await sim.post("/v1/customers", key="order-7")
    await _flush(sim)

    assert sink.events()[0]["request"] == {"id": answer.headers["Request-Id"], "idempotency_key": "order-7"}


async def test_a_refused_delivery_is_tried_until_it_is_accepted(shop: tuple[Caller, Sink]) -> None:
    sim, sink = shop
    sink.refusals = 3
    await sim.made("/v1/customers")
    await _flush(sim)

    assert _kinds(sink) == ["customer.created"]
    event = (await sim.get("/v1/events")).body["data"][0]
    assert event["pending_webhooks"] == 0


async def test_duplicates_arrive_more_than_once(shop: tuple[Caller, Sink]) -> None:
    sim, sink = shop
    await sim.control("PUT", "config", {"webhooks": {"duplicate": 1}})
    await sim.made("/v1/customers")
    await _flush(sim)

    assert list(Counter(event["id"] for event in sink.events()).values()) == [2]


async def test_lost_events_never_arrive_but_can_be_listed(shop: tuple[Caller, Sink]) -> None:
    sim, sink = shop
    await sim.control("PUT", "config", {"webhooks": {"lose": 1}})
    await sim.made("/v1/customers")
    await _flush(sim)

    assert sink.got == []
    assert [event["type"] for event in (await sim.get("/v1/events")).body["data"]] == ["customer.created"]


async def test_reordered_events_overtake_one_another(shop: tuple[Caller, Sink]) -> None:
    sim, sink = shop
    await sim.control("PUT", "config", {"seed": 3, "webhooks": {"reorder": 0.5}})
    sent = [(await sim.made("/v1/customers"))["id"] for _ in range(12)]
    await _arrived(sink, len(sent))

    arrived = [event["data"]["object"]["id"] for event in sink.events()]
    assert sorted(arrived) == sorted(sent)
    assert arrived != sent


async def test_held_back_events_arrive_when_deliveries_are_allowed_again(shop: tuple[Caller, Sink]) -> None:
    sim, sink = shop
    await sim.control("PUT", "config", {"webhooks": {"enabled": False}})
    await sim.made("/v1/customers")
    assert (await sim.control("GET", "health"))["webhooks"]["undelivered"] == 1

    await sim.control("PUT", "config", {"webhooks": {"enabled": True}})
    await _flush(sim)

    assert _kinds(sink) == ["customer.created"]


async def test_only_the_events_asked_for_are_sent(shop: tuple[Caller, Sink]) -> None:
    sim, sink = shop
    await sim.control("PUT", "config", {"webhooks": {"events": ["payment_intent.*"]}})
    await sim.made("/v1/payment_intents", VISA)
    await _flush(sim)

    assert sorted(_kinds(sink)) == ["payment_intent.created", "payment_intent.succeeded"]


async def test_a_refund_that_takes_its_time_is_announced_when_it_is_settled(shop: tuple[Caller, Sink]) -> None:
    sim, sink = shop
    slow = await sim.made("/v1/payment_intents", {**PAID, "payment_method": "pm_card_pendingRefund"})
    failing = await sim.made("/v1/payment_intents", {**PAID, "payment_method": "pm_card_refundFail"})
    pending = await sim.made("/v1/refunds", {"payment_intent": slow["id"]})
    hopeful = await sim.made("/v1/refunds", {"payment_intent": failing["id"]})
    assert (pending["status"], hopeful["status"]) == ("pending", "succeeded")

    sim.ticker.advance(10)
    await _arrived(sink, 15)

    assert (await sim.get(f"/v1/refunds/{pending['id']}")).body["status"] == "succeeded"
    assert (await sim.get(f"/v1/refunds/{hopeful['id']}")).body["status"] == "failed"
    assert (await sim.get(f"/v1/charges/{failing['latest_charge']}")).body["amount_refunded"] == 0
    assert _kinds(sink).count("refund.failed") == 1


async def _arrived(sink: Sink, count: int) -> None:
    async with asyncio.timeout(120):
        while len(sink.got) < count:  # noqa: ASYNC110 - what is waited for comes over the network
            await asyncio.sleep(0.01)
