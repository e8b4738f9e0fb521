"""Idempotency keys behave as documented, because the shop's promise of one charge stands on them."""

import asyncio

import pytest

from tests.stand_in import Caller

INTENT = {"amount": 1250, "currency": "usd"}
DECLINED = {
    **INTENT,
    "payment_method": "pm_card_chargeDeclined",
    "payment_method_types[]": "card",
    "confirm": "true",
}
DAY_S = 24 * 3600


async def _intents(sim: Caller) -> int:
    return (await sim.control("GET", "ledger"))["totals"]["intents"]


async def test_the_same_key_gives_the_same_answer_and_does_nothing_again(sim: Caller) -> None:
    first = await sim.post("/v1/payment_intents", INTENT, key="k")
    again = await sim.post("/v1/payment_intents", INTENT, key="k")

    assert again.body == first.body
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Idempotency-Key"] == "k"
    assert again.headers["Original-Request"] == first.headers["Request-Id"] != again.headers["Request-Id"]
    assert await _intents(sim) == 1


async def test_a_refusal_by_the_bank_is_repeated_as_well(sim: Caller) -> None:
    first = await sim.post("/v1/payment_intents", DECLINED, key="k")
    again = await sim.post("/v1/payment_intents", DECLINED, key="k")

    assert (again.status, again.body) == (402, first.body)
    assert await _intents(sim) == 1


@pytest.mark.parametrize("kind", ["error_500_before", "error_500_after_commit"])
async def test_a_server_error_is_repeated_as_well(sim: Caller, kind: str) -> None:
    await sim.fault(kind)

    first = await sim.post("/v1/payment_intents", INTENT, key="k")
    again = await sim.post("/v1/payment_intents", INTENT, key="k")

    assert (first.status, again.status) == (500, 500)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await _intents(sim) == (kind == "error_500_after_commit")


async def test_other_parameters_under_the_same_key_are_refused(sim: Caller) -> None:
    await sim.post("/v1/payment_intents", INTENT, key="k")

    changed = await sim.post("/v1/payment_intents", {**INTENT, "amount": 1300}, key="k")
    elsewhere = await sim.post("/v1/customers", INTENT, key="k")

    assert (changed.status, changed.error["type"]) == (400, "idempotency_error")
    assert (elsewhere.status, elsewhere.error["type"]) == (400, "idempotency_error")
    assert await _intents(sim) == 1


async def test_a_request_that_was_not_valid_does_not_use_its_key_up(sim: Caller) -> None:
    wrong = await sim.post("/v1/payment_intents", {**INTENT, "amount": "much"}, key="k")
    right = await sim.post("/v1/payment_intents", INTENT, key="k")

    assert (wrong.status, right.status) == (400, 200)
    assert "Idempotent-Replayed" not in right.headers


async def test_a_second_request_while_the_first_is_in_flight_is_a_conflict(sim: Caller) -> None:
    await sim.fault("slow_then_commit", delay_ms=600_000)

    first = asyncio.create_task(sim.post("/v1/payment_intents", INTENT, key="k"))
    await sim.struck()
    meanwhile = await asyncio.gather(*(sim.post("/v1/payment_intents", INTENT, key="k") for _ in range(2)))
    await sim.control("DELETE", "faults")
    answered = await first
    again = await sim.post("/v1/payment_intents", INTENT, key="k")

    assert [answer.status for answer in (answered, *meanwhile)] == [200, 409, 409]
    assert (again.status, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert await _intents(sim) == 1


@pytest.mark.parametrize(("kind", "status"), [("rate_limit_429", 429), ("conflict_409", 409)])
async def test_what_happens_in_front_of_the_layer_leaves_the_key_alone(sim: Caller, kind: str, status: int) -> None:
    await sim.fault(kind)

    first = await sim.post("/v1/payment_intents", INTENT, key="k")
    again = await sim.post("/v1/payment_intents", INTENT, key="k")

    assert (first.status, again.status) == (status, 200)
    assert "Idempotent-Replayed" not in again.headers


async def test_a_request_without_a_secret_key_does_not_reach_the_layer(sim: Caller) -> None:
    refused = await sim.ask("POST", "/v1/payment_intents", INTENT, key="k", auth="nonsense")

    assert refused.status == 401
    assert "Idempotent-Replayed" not in (await sim.post("/v1/payment_intents", INTENT, key="k")).headers


async def test_a_key_is_forgotten_after_a_day_and_then_acts_anew(sim: Caller) -> None:
    first = await sim.post("/v1/payment_intents", INTENT, key="k")
    sim.ticker.advance(DAY_S - 1)
    within = await sim.post("/v1/payment_intents", INTENT, key="k")
    sim.ticker.advance(1)
    after = await sim.post("/v1/payment_intents", INTENT, key="k")
    sim.ticker.advance(1)
    repeated = await sim.post("/v1/payment_intents", INTENT, key="k")

    assert within.body == first.body
    assert after.body["id"] != first.body["id"]
    assert repeated.body == after.body


async def test_a_key_longer_than_allowed_is_refused(sim: Caller) -> None:
    assert (await sim.post("/v1/payment_intents", INTENT, key="k" * 256)).status == 400
    assert (await sim.post("/v1/payment_intents", INTENT, key="k" * 255)).status == 200
