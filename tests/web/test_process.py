"""`python -m web`, as it is started and stopped."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa
from aiohttp import ClientError, ClientSession

from kalecart.database import Database
from kalecart.grants import WEB
from local.ports import free_port
from tests.builders import a_product
from tests.server import Clone, Server
from tests.web.conftest import NO_VALKEY

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 180
POLL_S = 0.05


@asynccontextmanager
async def a_process(clone: Clone, server: Server, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        "PATH": os.defpath,
        "KALE_DATABASE_URL": clone.url(WEB),
        "KALE_VALKEY_URL": NO_VALKEY,
        "KALE_MASTER_KEY_FILE": str(server.master_key_file),
        "KALE_WEB_PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "web"),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ready(port: int) -> bool:
    try:
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status == 200
    except ClientError:
        return False


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """A bounded poll of another process: whoever calls sets the bound."""
    while not await holds():  # noqa: ASYNC110  # nothing in this process would set an event
        await asyncio.sleep(POLL_S)


async def test_what_was_begun_is_finished_before_the_process_ends(clone: Clone, server: Server, db: Database) -> None:
    await a_product(db, "kale")
    port = free_port()

    async def fill() -> int:
        path = f"http://127.0.0.1:{port}/api/v1/cart/lines/kale"
        async with ClientSession() as session, session.put(path, json={"quantity": 2}) as answer:
            return answer.status

    async with a_process(clone, server, port) as process, asyncio.timeout(PATIENCE_S):
        await until(lambda: ready(port))
        async with db.transaction() as tx:
            await tx.execute(sa.text("LOCK TABLE cart"))
            filling = asyncio.create_task(fill())
            await until(lambda: in_flight(port))
            process.send_signal(signal.SIGTERM)
            await until(lambda: closed(port))

        assert await filling == 200
        assert await process.wait() == 0


async def in_flight(port: int) -> bool:
    """Whether another request than this look is being handled."""
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("kalecart_http_in_flight")) > 1


async def closed(port: int) -> bool:
    """Whether nobody else is let in."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


async def test_a_port_that_is_taken_is_said_in_a_sentence(clone: Clone, server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        async with a_process(clone, server, other.getsockname()[1]) as process, asyncio.timeout(PATIENCE_S):
            said, _ = await process.communicate()

    assert process.returncode == 1
    assert said.splitlines()[-1].startswith(b"web: cannot start at 127.0.0.1:")
    assert b"address already in use" in said.lower()
    assert b"Traceback" not in said
