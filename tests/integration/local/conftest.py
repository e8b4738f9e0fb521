import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from pydantic import SecretStr

from kalecart.settings import Settings
from local.owner import Owner, open_owner
from tests.server import Clone, Server


@pytest_asyncio.fixture
async def owner(clone: Clone, server: Server, tmp_path: Path) -> AsyncIterator[Owner]:
    settings = Settings(
        database_url=SecretStr(clone.url()),
        valkey_url=SecretStr("redis://127.0.0.1:1/0"),
        master_key_file=shutil.copy(server.master_key_file, tmp_path / "master.key"),
        tombstone_file=tmp_path / "stones" / "tombstones.jsonl",
    )
    async with open_owner(settings) as owner:
        yield owner
