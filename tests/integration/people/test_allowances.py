import asyncio
import json

import pytest
import redis.asyncio

from kalecart.allowances import CONNECTIONS_MAX, Allowance, Allowances, TooManyTries
from local.valkey import running_valkey

THREE = (Allowance(kind="three", tries=3, seconds=600),)
PATIENCE_S = 120.0  # of a Valkey that is there: whoever gives it up counts alone, and otherwise


async def test_tries_are_counted_for_all_processes_together_and_forgotten_when_restored(tmp_path):
    async with running_valkey(tmp_path) as valkey:
        one, another = (Allowances(valkey.url(), answer_within_s=PATIENCE_S) for _ in range(2))
        await one.spend(THREE, b"key")
        await another.spend(THREE, b"key")
        await one.require(THREE, b"key")
        await one.spend(THREE, b"key")

        with pytest.raises(TooManyTries, match=r"Try again in \d+ (second|minute)s?\."):
            await another.spend(THREE, b"key")
        with pytest.raises(TooManyTries):
            await one.require(THREE, b"key")
        await another.spend(THREE, b"another key")
        await one.restore(THREE, b"key")
        await another.spend(THREE, b"key")

        await one.close()
        await another.close()


async def test_who_tries_many_times_at_once_has_no_more_tries(tmp_path):
    async with running_valkey(tmp_path) as valkey:
        allowances = Allowances(valkey.url(), answer_within_s=PATIENCE_S)
        tries = [allowances.spend(THREE, b"key") for _ in range(4 * CONNECTIONS_MAX)]
        refused = [told for told in await asyncio.gather(*tries, return_exceptions=True) if told is not None]
        await allowances.close()

    assert len(refused) == len(tries) - 3
    assert all(isinstance(told, TooManyTries) for told in refused)


async def test_nothing_personal_gets_into_valkey(tmp_path, db, vault, clock):
    from dataclasses import replace

    from kalecart.accounts.log_in import WrongLogIn
    from tests.people import EMAIL, a_door, a_visit

    async with running_valkey(tmp_path) as valkey:
        door = replace(await a_door(db, vault, clock), allowances=Allowances(valkey.url(), answer_within_s=PATIENCE_S))
        await door.signs_up()
        with pytest.raises(WrongLogIn):
            await door.logs_in(password="not the password")
        await door.allowances.close()

        client = redis.asyncio.Redis.from_url(valkey.url())
        keys = [key.decode() async for key in client.scan_iter()]
        values = [repr(await client.lrange(key, 0, -1)) for key in keys]
        await client.aclose()

    found = json.dumps([keys, values])
    assert len(keys) >= 2
    assert EMAIL not in found
    assert a_visit().origin not in found


async def test_when_valkey_is_away_each_process_counts_alone_and_nobody_waits():
    allowances = Allowances("redis://127.0.0.1:1/0")
    for _ in range(3):
        await allowances.spend(THREE, b"key")

    with pytest.raises(TooManyTries) as caught:
        await allowances.spend(THREE, b"key")

    assert 1 <= caught.value.members["retry_after_s"] <= 600
    await allowances.close()


async def test_counting_goes_on_when_valkey_dies(tmp_path):
    async with running_valkey(tmp_path) as valkey:
        allowances = Allowances(valkey.url())
        await allowances.spend(THREE, b"key")

    for _ in range(3):
        await allowances.spend(THREE, b"key")
    with pytest.raises(TooManyTries):
        await allowances.spend(THREE, b"key")
    await allowances.close()


async def test_who_gives_tries_back_while_others_count_leaves_nothing_running():
    allowances = Allowances("redis://127.0.0.1:1/0")
    running = asyncio.all_tasks()

    async def comes_and_knows(key: bytes) -> None:
        await allowances.spend(THREE, key)
        await allowances.restore(THREE, key)

    for _ in range(20):
        await asyncio.gather(*(comes_and_knows(b"%d" % number) for number in range(10)))

    assert asyncio.all_tasks() == running
    await allowances.close()
