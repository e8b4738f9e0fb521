"""Two shops that are started at once find the same port free, and one of them gets it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from local.child import Child
from local.folder import Folder
from local.ports import HOST, free_port
from local.postgres import Cluster
from local.program import Identity
from local.secrets import open_secrets
from local.stack import Stack


@pytest_asyncio.fixture
async def taken() -> AsyncIterator[int]:
    """A port of another shop, which is well."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, HOST, 0) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
def stack(tmp_path: Path, taken: int) -> Stack:
    folder = Folder(path=tmp_path)
    folder.logs.mkdir()
    ports = {"web": taken, "stripesim": taken, "postgres": free_port(), "valkey": free_port()}
    secrets = open_secrets(folder.secrets, data_exists=False)
    cluster = Cluster(data=folder.postgres, port=ports["postgres"], password="none", identity=Identity())
    return Stack(folder=folder, secrets=secrets, ports=ports, stripe={}, cluster=cluster)


async def test_nothing_is_ready_because_another_shop_answers_at_its_port(stack: Stack, tmp_path: Path) -> None:
    """It was said to be back again and again, and the address that was told was the other's."""
    stand_in = stack.stand_in()
    assert stand_in is not None
    for program in (stand_in, stack.shop()[0]):
        child = Child(program, stack.folder.logs / f"{program.name}.log")
        await child.start()
        try:
            assert not await child.until_ready()
        finally:
            await child.stop()
