import time
from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from kalecart.database import Database
from kalecart.payments.stripe import StripeGateway
from kalecart.runtime import Runtime
from kalecart.settings import Settings
from kalecart.vault import Vault
from stripesim.app import Options, make_app
from tests.builders import a_product
from tests.clock import FakeClock
from tests.hints import RecordedHints
from tests.server import Server
from tests.till import SECRET_KEY, WEBHOOK_SECRET, Till


@pytest_asyncio.fixture
async def stand_in() -> AsyncIterator[TestServer]:
    server = TestServer(make_app(Options(), now=time.time))
    await server.start_server()
    yield server
    await server.close()


@pytest_asyncio.fixture
async def till(
    db: Database, vault: Vault, clock: FakeClock, server: Server, stand_in: TestServer
) -> AsyncIterator[Till]:
    settings = Settings(
        database_url=SecretStr("unused"), valkey_url=SecretStr("unused"), master_key_file=server.master_key_file
    )
    await a_product(db, "kale", price_cents=500)
    api_base = str(stand_in.make_url("")).rstrip("/")
    async with StripeGateway.open(
        SECRET_KEY, api_base=api_base, webhook_secret=WEBHOOK_SECRET, shop_url="http://shop.test"
    ) as gateway:
        runtime = Runtime(
            db=db,
            clock=clock,
            vault=vault,
            gateway=gateway,
            dispatcher=RecordedHints(),  # ty: ignore[invalid-argument-type]
            settings=settings,
        )
        yield Till(runtime, stand_in)
