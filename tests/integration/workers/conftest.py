from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from kalecart.database import Database
from kalecart.payments.stripe import StripeGateway
from kalecart.runtime import Runtime
from kalecart.settings import Settings
from kalecart.vault import Vault
from local.valkey import RunningValkey, running_valkey
from tests.clock import FakeClock
from tests.hints import RecordedHints
from tests.server import Server


@pytest_asyncio.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[RunningValkey]:
    async with running_valkey(tmp_path) as server:
        yield server


@pytest.fixture
def runtime(db: Database, vault: Vault, clock: FakeClock, server: Server) -> Runtime:
    """What a worker is made of, but for hints and Stripe, which nothing here asks."""
    settings = Settings(
        database_url=SecretStr("unused"), valkey_url=SecretStr("unused"), master_key_file=server.master_key_file
    )
    return Runtime(
        db=db,
        clock=clock,
        vault=vault,
        gateway=StripeGateway(
            "sk_test_unused", api_base="http://127.0.0.1:1", webhook_secret="unused", shop_url="http://shop.test"
        ),
        dispatcher=RecordedHints(),  # ty: ignore[invalid-argument-type]
        settings=settings,
    )
