"""Faults happen where they are asked to happen, so a test of the shop tests what it says."""

import asyncio

import aiohttp
import pytest
import stripe

from tests.stand_in import PATIENCE_S, Caller, official

INTENT = {"amount": 1250, "currency": "usd", "payment_method": "pm_card_visa", "payment_method_types[]": "card"}


async def test_an_answer_lost_after_the_commit_is_there_when_asked_again(sim: Caller) -> None:
    intent = await sim.made("/v1/payment_intents", INTENT)
    await sim.fault("drop_after_commit", "/confirm$")

    with pytest.raises(aiohttp.ClientError):
        await sim.post(f"/v1/payment_intents/{intent['id']}/confirm", key="c")

    assert (await sim.get(f"/v1/payment_intents/{intent['id']}")).body["status"] == "succeeded"
    again = await sim.post(f"/v1/payment_intents/{intent['id']}/confirm", key="c")
    assert (again.body["status"], again.headers["Idempotent-Replayed"]) == ("succeeded", "true")
    assert (await sim.control("GET", "ledger"))["totals"]["charged"] == 1250


async def test_a_request_lost_on_the_way_did_nothing(sim: Caller) -> None:
    intent = await sim.made("/v1/payment_intents", INTENT)
    await sim.fault("drop_before", "/confirm$")

    with pytest.raises(aiohttp.ClientError):
        await sim.post(f"/v1/payment_intents/{intent['id']}/confirm", key="c")

    assert (await sim.get(f"/v1/payment_intents/{intent['id']}")).body["status"] == "requires_confirmation"
    assert "Idempotent-Replayed" not in (await sim.post(f"/v1/payment_intents/{intent['id']}/confirm", key="c")).headers


async def test_a_server_error_after_the_commit_has_charged(sim: Caller) -> None:
    intent = await sim.made("/v1/payment_intents", INTENT)
    await sim.fault("error_500_after_commit", "/confirm$")

    async with official(sim.base) as client:
        with pytest.raises(stripe.APIError) as broken:
            await client.v1.payment_intents.confirm_async(intent["id"])
        truth = await client.v1.payment_intents.retrieve_async(intent["id"])

    assert broken.value.http_status == 500
    assert truth.status == "succeeded"


async def test_the_official_package_tells_the_kinds_apart(sim: Caller) -> None:
    async with official(sim.base) as client:
        await sim.fault("rate_limit_429")
        with pytest.raises(stripe.RateLimitError):
            await client.v1.customers.create_async({})
        await sim.fault("conflict_409")
        with pytest.raises(stripe.APIError) as conflict:
            await client.v1.customers.create_async({})
        await sim.fault("drop_before")
        with pytest.raises(stripe.APIConnectionError):
            await client.v1.customers.create_async({})

    assert conflict.value.http_status == 409


async def test_a_slow_answer_outlives_the_one_who_asked(sim: Caller) -> None:
    """The client gives up; the effect comes all the same."""
    await sim.fault("slow_then_commit", delay_ms=600_000)

    asking = asyncio.create_task(sim.post("/v1/customers"))
    await sim.struck()
    assert asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    again = await sim.post("/v1/customers")
    assert again.status == 200
    await sim.control("DELETE", "faults")
    async with asyncio.timeout(PATIENCE_S):
        while (await sim.control("GET", "health"))["objects"]["customer"] < 2:  # noqa: ASYNC110 - a server sets no event
            await asyncio.sleep(0.02)


async def test_a_fault_happens_as_often_as_it_was_asked_to_and_only_where(sim: Caller) -> None:
    await sim.fault("rate_limit_429", "^/v1/customers", times=2)

    statuses = [(await sim.post("/v1/customers")).status for _ in range(3)]

    assert (await sim.post("/v1/payment_intents", INTENT)).status == 200
    assert statuses == [429, 429, 200]
    shown = await sim.control("GET", "faults")
    assert shown["faults"][0]["happened"] == 2
    assert await sim.control("DELETE", "faults") == {"faults": []}


async def test_chance_repeats_itself_from_the_same_seed(sim: Caller) -> None:
    async def run() -> list[int]:
        await sim.control("DELETE", "faults")
        await sim.control("PUT", "config", {"seed": 7})
        await sim.fault("rate_limit_429", times=1000, probability=0.5)
        return [(await sim.post("/v1/customers")).status for _ in range(20)]

    first = await run()

    assert set(first) == {200, 429}
    assert await run() == first


async def test_too_many_requests_are_refused_before_their_keys_are_looked_at(sim: Caller) -> None:
    await sim.control("PUT", "config", {"limit_per_s": 2})
    first, second, third = [await sim.post("/v1/customers", key=key) for key in ("a", "b", "c")]

    assert (first.status, second.status, third.status, third.error["code"]) == (200, 200, 429, "rate_limit")
    assert "Retry-After" not in third.headers
    sim.ticker.advance(1)
    again = await sim.post("/v1/customers", key="c")
    assert (again.status, "Idempotent-Replayed" in again.headers) == (200, False)
    await sim.control("PUT", "config", {"limit_per_s": 0})
    assert {(await sim.post("/v1/customers")).status for _ in range(5)} == {200}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"kind": "earthquake"}),
        ("faults", {"kind": "drop_before", "times": -1}),
        ("faults", {"kind": "drop_before", "match": {"path_regex": "("}}),
        ("faults", {"kind": "drop_before", "colour": "red"}),
        ("faults", []),
        ("config", {"latency": 5}),
        ("config", {"latency_ms": "5"}),
        ("config", {"webhooks": {"lose": 2}}),
        ("config", {"webhooks": {"events": "all"}}),
    ],
)
async def test_a_mistake_in_a_control_is_named(sim: Caller, path: str, body: object) -> None:
    method = "POST" if path == "faults" else "PUT"
    before = await sim.control("GET", path)

    async with sim.session.request(method, f"{sim.base}/_sim/{path}", json=body) as response:
        told = await response.json()

    assert response.status == 400
    assert told["error"]["message"]
    assert await sim.control("GET", path) == before


async def test_no_page_of_a_browser_can_steer_the_stand_in(sim: Caller) -> None:
    async with sim.session.put(f"{sim.base}/_sim/config", json={}, headers={"Origin": "http://evil.example"}) as answer:
        assert answer.status == 403
