import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import redis.asyncio
from redis.exceptions import AuthenticationError

from local.valkey import RunningValkey, running_valkey


@pytest_asyncio.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[RunningValkey]:
    async with running_valkey(tmp_path / "my server") as server:
        yield server


@pytest_asyncio.fixture
async def client(valkey: RunningValkey) -> AsyncIterator[redis.asyncio.Redis]:
    client = redis.asyncio.Redis.from_url(valkey.url())
    yield client
    await client.aclose()


async def test_the_append_file_survives_kill_9(valkey: RunningValkey, client: redis.asyncio.Redis):
    await client.rpush("hints", *range(1000))
    await client.aclose()

    await valkey.kill()
    await valkey.start()

    assert await valkey.until_ready()
    assert await client.llen("hints") == 1000


async def test_it_wants_the_password(valkey: RunningValkey):
    stranger = redis.asyncio.Redis(port=valkey.port)

    with pytest.raises(AuthenticationError):
        await stranger.ping()

    await stranger.aclose()


async def test_it_evicts_nothing_and_appends_everything(client: redis.asyncio.Redis):
    told = await client.config_get("appendonly", "appendfsync", "maxmemory-policy", "save", "bind")

    assert told == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": "",
        "bind": "127.0.0.1",
    }


async def test_its_password_is_not_on_the_command_line(valkey: RunningValkey):
    assert not any("requirepass" in word for word in valkey.program.argv)
    assert stat.S_IMODE(os.stat(valkey.program.argv[1]).st_mode) == 0o600  # noqa: PTH116  # one look


async def test_it_stops_when_asked(valkey: RunningValkey):
    await valkey.stop()

    assert valkey.status == 0
