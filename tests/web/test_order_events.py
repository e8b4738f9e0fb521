"""Watching an order, and what Stripe tells us about it."""

import asyncio
import hashlib
import hmac
import json
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientResponse

from kalecart.database import Database
from kalecart.ids import TaskId
from kalecart.jobs import JOBS
from kalecart.payments.tables import inbox
from kalecart.tasks import alert, task
from tests.till import WEBHOOK_SECRET
from tests.web.shop import Shop
from web.order_streams import WATCHERS_PER_ORDER_MAX
from workers.broker import PERFORMERS
from workers.performing import perform_task

PATIENCE_S = 120


async def next_event(stream: ClientResponse) -> dict[str, str]:
    """The fields of the next event; comments are passed over."""
    fields: dict[str, str] = {}
    async with asyncio.timeout(PATIENCE_S):
        while True:
            line = (await stream.content.readline()).decode().rstrip("\n")
            if not line and fields:
                return fields
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value


async def work(shop: Shop, db: Database) -> None:
    """What the workers would do, in a shop that runs on the owner's role here."""
    run = shop.runtime
    worker = type(run)(
        db=db, clock=run.clock, vault=run.vault, gateway=run.gateway, dispatcher=run.dispatcher, settings=run.settings
    )
    async with db.transaction() as tx:
        rows = (await tx.execute(sa.select(task.c.id, task.c.topic).where(task.c.state == "pending"))).all()
    for row in rows:
        await perform_task(TaskId(row.id), PERFORMERS[JOBS[row.topic]], worker)


async def an_order(shop: Shop, card: str = "pm_card_visa") -> str:
    await shop.fill("kale", 6)
    await shop.sign_up()
    saved = await shop.save_card(card)
    placed = await shop.order(payment_method_id=saved.body["id"])
    assert placed.status == 202, placed.body
    return placed.headers["Location"]


async def test_a_watched_order_turns_paid_before_the_watchers_eyes(shop: Shop, db: Database) -> None:
    order = await an_order(shop)

    async with shop.client.get(f"{order}/events") as stream:
        first = await next_event(stream)
        await work(shop, db)
        second = await next_event(stream)
        rest = await stream.content.read()

    assert (first["id"], json.loads(first["data"])["final"]) == ("placed.confirming", False)
    assert (second["id"], json.loads(second["data"])["final"]) == ("paid.paid", True)
    assert rest == b""
    again = await shop.get(f"{order}/events", headers={"Last-Event-ID": "paid.paid"})
    assert again.status == 204


async def test_a_declined_order_is_paid_with_another_card(shop: Shop, db: Database) -> None:
    order = await an_order(shop, "pm_card_chargeCustomerFail")
    await work(shop, db)
    declined = (await shop.get(order)).body["payment"]
    other = await shop.save_card("pm_card_mastercard")

    again = await shop.ask("POST", f"{order}/payment", json={"payment_method_id": other.body["id"]})
    await work(shop, db)

    assert (declined["state"], declined["can_pay_again"]) == ("declined", True)
    assert declined["decline_words"]
    assert again.status == 202
    assert (await shop.get(order)).body["payment"]["state"] == "paid"
    settled = await shop.ask("POST", f"{order}/payment", json={"payment_method_id": other.body["id"]})
    assert (settled.status, settled.problem) == (409, "nothing-to-pay")


async def test_nobody_watches_somebody_elses_order(shop: Shop) -> None:
    order = await an_order(shop)
    shop.client.session.cookie_jar.clear()
    await shop.sign_up("ben@example.com")

    assert (await shop.get(f"{order}/events")).status == 404


async def test_one_order_takes_no_more_than_its_share_of_the_streams(shop: Shop) -> None:
    order = await an_order(shop)

    async with AsyncExitStack() as open_pages:
        for _ in range(WATCHERS_PER_ORDER_MAX):
            stream = await open_pages.enter_async_context(shop.client.get(f"{order}/events"))
            await next_event(stream)
        refused = await shop.get(f"{order}/events")

        assert (refused.status, refused.problem) == (503, "busy")
    assert (await shop.get(order)).status == 200


async def test_who_asks_only_for_the_head_of_a_stream_is_not_kept_waiting(shop: Shop) -> None:
    order = await an_order(shop)

    async with asyncio.timeout(PATIENCE_S):
        assert (await shop.ask("HEAD", f"{order}/events")).status == 405


async def test_a_stream_ends_when_the_process_does(shop: Shop) -> None:
    order = await an_order(shop)

    async with shop.client.get(f"{order}/events") as stream:
        await next_event(stream)
        await shop.client.server.app.shutdown()
        async with asyncio.timeout(PATIENCE_S):
            assert await stream.content.read() == b""


def signed(payload: bytes, *, secret: str = WEBHOOK_SECRET, age_s: int = 0) -> dict[str, str]:
    stamp = int(time.time()) - age_s
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={signature}", "Content-Type": "application/json"}


def an_event(**but: Any) -> bytes:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "livemode": False,
        "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
    }
    return json.dumps(event | but).encode()


async def received(db: Database) -> list[str]:
    async with db.transaction() as tx:
        return list((await tx.execute(sa.select(inbox.c.event_id))).scalars())


async def test_a_signed_event_is_kept_once_however_often_it_arrives(shop: Shop, db: Database) -> None:
    """E28."""
    payload = an_event()
    shop.same_origin.clear()

    answers = [await shop.ask("POST", "/stripe/webhook", data=payload, headers=signed(payload)) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert await received(db) == ["evt_1"]


async def test_a_signed_event_that_names_nothing_stripe_could_be_asked_for_is_refused_and_breaks_nothing(
    shop: Shop, db: Database
) -> None:
    named = json.loads(an_event())
    broken: list[bytes] = [
        *(json.dumps(named | {"data": {"object": found}}).encode() for found in (None, {}, {"id": 7}, {"id": "pi_\0"})),
        *(json.dumps(named | {"id": found}).encode() for found in (7, "", "evt_\0", "evt_" + "x" * 300)),
        json.dumps(named | {"type": ["payment_intent.succeeded"]}).encode(),
        b"[" * 30_000,
    ]

    answers = [await shop.ask("POST", "/stripe/webhook", data=payload, headers=signed(payload)) for payload in broken]

    assert [(answer.status, answer.problem) for answer in answers] == [(400, "forged-event")] * len(broken)
    assert await received(db) == []


async def test_a_forged_old_altered_or_unsigned_event_is_not_kept(shop: Shop, db: Database) -> None:
    """E30."""
    payload = an_event()
    forged = [
        signed(payload, secret="whsec_guessed"),
        signed(payload, age_s=3_600),
        signed(payload + b" "),
        {"Content-Type": "application/json"},
        {"Content-Type": "application/json", "Stripe-Signature": "t=x,v1="},
    ]

    answers = [await shop.ask("POST", "/stripe/webhook", data=payload, headers=headers) for headers in forged]

    assert [(answer.status, answer.problem) for answer in answers] == [(400, "forged-event")] * len(forged)
    assert await received(db) == []


@pytest.mark.parametrize("theirs", [{"livemode": True}, {"account": "acct_other"}])
async def test_an_event_of_another_mode_or_account_is_kept_as_foreign_and_never_applied(
    shop: Shop, db: Database, theirs: dict[str, Any]
) -> None:
    """E33."""
    payload = an_event(**theirs)

    answers = [await shop.ask("POST", "/stripe/webhook", data=payload, headers=signed(payload)) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 200]
    async with db.transaction() as tx:
        kept = (await tx.execute(sa.select(inbox.c.event_id, inbox.c.outcome, inbox.c.settled_at.is_not(None)))).all()
        told = (await tx.execute(sa.select(alert.c.kind, alert.c.subject))).all()
        assert await tx.scalar(sa.select(sa.func.count()).select_from(task)) == 0
    assert kept == [("evt_1", "foreign", True)]
    assert told == [("foreign_event", "evt_1")]
