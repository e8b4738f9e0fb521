"""The real application on a real PostgreSQL, as the role the web process has, with the Stripe stand-in behind it."""

import time
from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from kalecart.database import Database
from kalecart.grants import WEB
from kalecart.payments.stripe import StripeGateway
from kalecart.policy.publish import publish_policy
from kalecart.runtime import Runtime
from kalecart.settings import Settings
from kalecart.vault import Vault
from stripesim.app import Options, make_app
from tests.builders import a_product, a_window
from tests.clock import FakeClock
from tests.hints import RecordedHints
from tests.server import Clone, Server
from tests.till import SECRET_KEY, WEBHOOK_SECRET
from tests.web.shop import Shop
from web.app import create_app

# Nothing listens there: the shop must do without Valkey.
NO_VALKEY = "redis://127.0.0.1:1/0"


@pytest_asyncio.fixture
async def stand_in() -> AsyncIterator[TestServer]:
    server = TestServer(make_app(Options(), now=time.time))
    await server.start_server()
    yield server
    await server.close()


@pytest_asyncio.fixture
async def runtime(
    clone: Clone, as_web: Database, vault: Vault, clock: FakeClock, server: Server, stand_in: TestServer
) -> AsyncIterator[Runtime]:
    """As the web process has it: its own role, and no more rights than that."""
    api_base = str(stand_in.make_url("")).rstrip("/")
    settings = Settings(
        stripe_api_base=api_base,
        database_url=SecretStr(clone.url(WEB)),
        valkey_url=SecretStr(NO_VALKEY),
        master_key_file=server.master_key_file,
        stripe_js_url=str(stand_in.make_url("/stripe.js")),
        staff_second_factor="offered",
    )
    async with StripeGateway.open(
        SECRET_KEY, api_base=api_base, webhook_secret=WEBHOOK_SECRET, shop_url="http://shop.test"
    ) as gateway:
        yield Runtime(
            db=as_web,
            clock=clock,
            vault=vault,
            gateway=gateway,
            dispatcher=RecordedHints(),  # ty: ignore[invalid-argument-type]  # stands in
            settings=settings,
        )


@pytest_asyncio.fixture
async def shop(runtime: Runtime, db: Database, clock: FakeClock) -> AsyncIterator[Shop]:
    """Open: two products on the shelf, a delivery window, and somebody at the door."""
    await a_product(db, "kale", price_cents=349, on_hand=50)
    await a_product(db, "soap", price_cents=799, on_hand=50, tax_category="taxable")
    window = await a_window(db, now=clock.now())
    await publish_policy(db=db, clock=clock)
    async with TestClient(TestServer(create_app(runtime))) as client:
        yield Shop(client=client, db=db, runtime=runtime, window=window)
