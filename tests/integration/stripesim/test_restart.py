"""The real process: what it acknowledged, it still knows after the worst end."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import stripe

from tests.stand_in import WEBHOOK_SECRET, Process, Sink, listening, official, started

pytestmark = pytest.mark.fault

PAYMENT = {"amount": 1250, "currency": "usd", "payment_method": "pm_card_visa", "payment_method_types": ["card"]}


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    """Starts a stand-in. Whatever a test leaves running is killed."""
    with ExitStack() as left:

        def start(*arguments: str) -> Process:
            process = started(*arguments)
            left.callback(process.kill)
            return process

        yield start


async def _paid(client: stripe.StripeClient, key: str) -> stripe.PaymentIntent:
    intent = await client.v1.payment_intents.create_async(PAYMENT, {"idempotency_key": f"{key}:create"})
    return await client.v1.payment_intents.confirm_async(intent.id, {}, {"idempotency_key": f"{key}:confirm"})


async def test_a_killed_stand_in_remembers_payments_cards_and_keys(
    tmp_path: Path, start: Callable[..., Process]
) -> None:
    journal = str(tmp_path / "journal")
    first = start("--journal", journal)
    async with official(first.base) as client:
        customer = await client.v1.customers.create_async({"name": "A"})
        card = await client.v1.payment_methods.attach_async("pm_card_amex", {"customer": customer.id})
        paid = await _paid(client, "order-1")
    first.kill()

    second = start("--journal", journal)
    async with official(second.base) as client:
        again = await _paid(client, "order-1")
        cards = await client.v1.customers.payment_methods.list_async(customer.id)
        events = await client.v1.events.list_async({"type": "payment_intent.succeeded"})

    assert again.id == paid.id
    assert again.latest_charge == paid.latest_charge
    assert [found.id for found in cards.data] == [card.id]
    assert [event.data.object["id"] for event in events.data] == [paid.id]
    assert second.stop() == 0


async def test_a_torn_last_line_is_forgotten_and_the_rest_is_not(tmp_path: Path, start: Callable[..., Process]) -> None:
    journal = tmp_path / "journal"
    first = start("--journal", str(journal))
    async with official(first.base) as client:
        kept = await client.v1.customers.create_async({"name": "kept"})
    first.kill()
    with journal.open("ab") as file:
        file.write(journal.read_bytes().splitlines()[-1][:100])

    second = start("--journal", str(journal))
    async with official(second.base) as client:
        await client.v1.customers.create_async({"name": "after"})
        names = [customer.name for customer in (await client.v1.customers.list_async()).data]
    second.stop()

    assert names == ["after", "kept"]
    assert kept.name == "kept"
    assert all(json.loads(line) for line in journal.read_text().splitlines())


async def test_what_the_shop_missed_is_delivered_after_a_restart(tmp_path: Path, start: Callable[..., Process]) -> None:
    async with listening() as sink:
        journal = ("--journal", str(tmp_path / "journal"))
        nobody = start(*journal, "--webhook-url", "http://127.0.0.1:9/")
        async with official(nobody.base) as client:
            await client.v1.customers.create_async({})
        nobody.kill()

        second = start(*journal, "--webhook-url", sink.url)
        await _flushed(second.base)
        second.stop()

        third = start(*journal, "--webhook-url", sink.url)
        await _flushed(third.base)
        third.stop()

    assert _verified(sink) == ["customer.created"]


def _verified(sink: Sink) -> list[str]:
    return [stripe.Webhook.construct_event(body, header, WEBHOOK_SECRET).type for body, header in sink.got]


async def _flushed(base: str) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session, session.post(f"{base}/_sim/webhooks/flush") as response:
        assert response.status == 200


def test_two_stand_ins_do_not_share_a_journal(tmp_path: Path, start: Callable[..., Process]) -> None:
    journal = str(tmp_path / "journal")
    first = start("--journal", journal)

    with pytest.raises(AssertionError, match="in use by another stand-in"):
        start("--journal", journal)

    assert first.stop() == 0


def test_a_damaged_journal_is_not_believed(tmp_path: Path, start: Callable[..., Process]) -> None:
    journal = tmp_path / "journal"
    journal.write_text("nonsense\n")

    with pytest.raises(AssertionError, match="line 1 of the journal is damaged"):
        start("--journal", str(journal))


def test_the_journal_is_its_owners_only(tmp_path: Path, start: Callable[..., Process]) -> None:
    journal = tmp_path / "journal"
    start("--journal", str(journal)).stop()

    assert journal.stat().st_mode & 0o777 == 0o600
    assert journal.stat().st_uid == os.getuid()
