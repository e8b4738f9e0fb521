"""A journal written anew knows all that the old one knew and that anybody may still ask for."""

import json
from pathlib import Path
from typing import Any

from stripesim import compaction
from stripesim.app import Options
from stripesim.journal import Journal
from stripesim.world import World
from tests.stand_in import START_S, Caller, in_process

CARD = {"amount": 1250, "currency": "usd", "payment_method_types[]": "card", "confirm": "true"}
DEBIT = {**CARD, "payment_method_types[]": "us_bank_account", "mandate_data[customer_acceptance][type]": "offline"}
KINDS = ("customer", "payment_method", "payment_intent", "charge", "refund", "dispute", "mandate", "event", "_key")
DAY_S = 86_400


async def _a_day(sim: Caller) -> None:
    """Something of everything, of which much is changed again."""
    customer = (await sim.post("/v1/customers", key="old")).body["id"]
    draft = await sim.made("/v1/payment_intents", {"amount": 700, "currency": "usd"})
    for number in range(60):
        await sim.made(f"/v1/payment_intents/{draft['id']}", {"description": f"version {number} " + "x" * 1000})
    sim.ticker.advance(DAY_S + 1)
    saved = await sim.made("/v1/payment_methods/pm_card_visa/attach", {"customer": customer})
    paid = await sim.post(
        "/v1/payment_intents", {**CARD, "payment_method": saved["id"], "customer": customer}, key="young"
    )
    await sim.made("/v1/refunds", {"payment_intent": paid.body["id"], "amount": 250})
    await sim.made("/v1/payment_intents", {**CARD, "payment_method": "pm_card_createDispute"})
    await sim.made("/v1/payment_intents", {**DEBIT, "payment_method": "pm_usBankAccount_success"})


def _known(world: World) -> dict[str, Any]:
    objects = {kind: [(ident, world.find(kind, ident)) for ident in world.newest(kind)] for kind in KINDS}
    owners = [ident for kind in ("customer", "payment_intent", "charge") for ident, _ in objects[kind]]
    ties = {
        (owner, kind): list(world.newest(kind, tied_to=owner)) for owner in owners for kind in KINDS if kind != "_key"
    }
    return {"objects": objects, "ties": ties, "unsettled": list(world.unsettled), "plans": world.plans}


async def test_a_compacted_journal_replays_to_the_same_world(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    hook = Options(journal=path, webhook_url="http://127.0.0.1:9/", webhook_secret="whsec_house")
    async with in_process(hook) as sim:
        await _a_day(sim)
    now = START_S + DAY_S + 2
    before_bytes, before = path.stat().st_size, World(Journal.open(path), lambda: now)
    known = _known(before)
    before.close()

    after = World(compaction.opened(path, now=now, grown_bytes=1), lambda: now)

    assert path.stat().st_size < before_bytes / 2
    assert [ident for ident, _ in known["objects"].pop("_key")] == ["young", "old"]
    compacted = _known(after)
    assert [ident for ident, _ in compacted["objects"].pop("_key")] == ["young"]
    assert compacted == known
    assert len(known["unsettled"]) == len(known["objects"]["event"])
    assert known["plans"]
    after.close()
    assert all(json.loads(line) for line in path.read_text().splitlines())


async def test_a_compacted_journal_serves_and_is_written_on(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    async with in_process(Options(journal=path)) as sim:
        await _a_day(sim)
        ledger = await sim.control("GET", "ledger")
    compaction.opened(path, now=START_S + DAY_S + 2, grown_bytes=1).close()

    async with in_process(Options(journal=path)) as sim:
        sim.ticker.advance(DAY_S + 2)
        assert await sim.control("GET", "ledger") == ledger
        customer = ledger["intents"][1]["customer"]
        form = {**CARD, "payment_method": (await _cards(sim, customer))[0], "customer": customer}
        again = await sim.post("/v1/payment_intents", form, key="young")
        assert (again.headers["Idempotent-Replayed"], again.body["id"]) == ("true", ledger["intents"][1]["id"])
        await sim.made("/v1/payment_intents", {**CARD, "payment_method": "pm_card_visa"})
        await sim.control("POST", "hurry")
        assert (await sim.control("GET", "ledger"))["totals"]["charged"] == 4 * 1250


async def _cards(sim: Caller, customer: str) -> list[str]:
    return [body["id"] for body in (await sim.get(f"/v1/customers/{customer}/payment_methods")).body["data"]]


def test_a_journal_that_is_small_or_full_of_living_things_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    world = World(Journal.open(path), lambda: START_S)
    world.keep([("customer", {"id": f"cus_{number}", "object": "customer"}) for number in range(50)])
    world.close()
    written = path.read_bytes()

    for grown_bytes in (1, 1 << 30):
        compaction.opened(path, now=START_S, grown_bytes=grown_bytes).close()
        assert path.read_bytes() == written
