"""Stripe's limit, with real Valkey, killed processes, and a stand-in that says 429."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
import redis.asyncio
import sqlalchemy as sa

from kalecart.orders.order import OrderStatus
from kalecart.payments.pace import BURST_S, KEYS, WAIT_MAX_S, Lane, NoTurn, Pace
from kalecart.tasks import task
from local.ports import free_port
from local.valkey import RunningValkey, running_valkey
from tests.till import Till

TOTAL = 4 * 500 + 499

# Takes turns for two seconds ahead, and holds on to them for ever.
HOLDER = """
import asyncio, sys
from kalecart.payments.pace import Lane, Pace
async def hold():
    pace = Pace(10, valkey_url=sys.argv[1])
    holding = [asyncio.create_task(pace.turn(Lane.FRONT)) for _ in range(20)]
    await asyncio.wait(holding, return_when=asyncio.FIRST_COMPLETED)
    print("held", flush=True)
    await asyncio.sleep(60)
asyncio.run(hold())
"""


@pytest_asyncio.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[RunningValkey]:
    async with running_valkey(tmp_path) as server:
        yield server


async def took(*turns: object) -> float:
    begun = time.monotonic()
    await asyncio.gather(*turns)  # ty: ignore[no-matching-overload]
    return time.monotonic() - begun


async def taken_ahead(valkey: RunningValkey) -> float:
    """How many seconds the turns reach that were given: their instant is forgotten one second after it has passed."""
    async with redis.asyncio.Redis.from_url(valkey.url()) as asking:
        return max(await asking.pttl(KEYS[0]), 0) / 1000 - 1


async def test_all_processes_together_keep_to_the_limit(valkey: RunningValkey) -> None:
    # A process that takes Valkey for away goes by a share of its own, beside what the others take.
    patient = partial(Pace.open, 40, valkey_url=valkey.url(), answer_within_s=120.0)
    async with patient() as one, patient() as other:
        seconds = await took(*(pace.turn(Lane.FRONT) for pace in (one, other) for _ in range(30)))

    # The first ten at once, the other fifty one after the other.
    assert seconds >= 50 / 40 * 0.9


async def test_a_process_killed_with_its_turn_leaves_no_debt(valkey: RunningValkey) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, valkey.url(), stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    holder.kill()
    await holder.wait()

    debt_s = await taken_ahead(valkey)
    async with Pace.open(10, valkey_url=valkey.url()) as pace:
        await pace.turn(Lane.FRONT)
    left_s = await taken_ahead(valkey)

    # What it had taken passes like the time it was taken for; nothing is waited for afterwards.
    assert debt_s <= 20 / 10
    assert left_s <= 1 / 10 + BURST_S + 0.01  # kept in whole milliseconds


async def test_without_valkey_each_process_goes_by_its_share() -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"
    async with Pace.open(40, valkey_url=away) as pace:
        seconds = await took(*(pace.turn(Lane.FRONT) for _ in range(10)))

    # A quarter of forty a second, two and a half of them at once.
    assert seconds >= 0.6


async def test_whoever_would_wait_too_long_is_told_so_and_nothing_was_sent(valkey: RunningValkey) -> None:
    async with Pace.open(1, valkey_url=valkey.url()) as pace:
        turns = [asyncio.create_task(pace.turn(Lane.FRONT)) for _ in range(30)]
        with pytest.raises(NoTurn):
            await asyncio.gather(*turns)
        for turn in turns:
            turn.cancel()


async def test_in_a_storm_of_429_every_call_is_answered_in_the_end(till: Till) -> None:
    await till.ask("PUT", "config", limit_per_s=15)

    await took(*(till.runtime.gateway.answers() for _ in range(35)))

    await till.ask("PUT", "config", limit_per_s=0)


async def test_429_costs_a_charge_some_time_and_not_its_turn(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    for path in (r"/v1/payment_intents$", "/confirm$"):
        await till.fault(path, "rate_limit_429")

    await till.work()

    assert await till.status(order) is OrderStatus.PAID
    assert await till.ledger() == await till.stripe_says() == [TOTAL]
    async with till.runtime.db.transaction() as tx:
        assert await tx.scalar(sa.select(task.c.attempts).where(task.c.topic == "charge_order")) == 1


async def test_a_stripe_that_says_429_for_too_long_counts_as_one_that_does_not_answer(till: Till) -> None:
    await till.fault("/v1/payment_intents$", "rate_limit_429", times=10)
    gateway = till.runtime.gateway.in_background()
    gateway._pace._own.again_at = time.monotonic() + WAIT_MAX_S + 1  # so many others were sent away before

    with pytest.raises(NoTurn):
        await gateway.answers()
