"""A whole shop and a real Chromium, once for all journeys."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.live import LiveShop
from tests.prepared import Prepared

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# No call home, no drawing on hardware that is not there.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live_shop(tmp_path_factory: pytest.TempPathFactory, prepared: Prepared) -> AsyncIterator[LiveShop]:
    """Started as a person starts it. Whatever the journeys have it write must be in the register."""
    folder: Path = tmp_path_factory.mktemp("browser")
    shop = LiveShop(folder / "shop", prepared)
    await shop.start()
    yield shop
    strange = await shop.unclassified()
    await shop.stop()
    assert strange == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's. Its own process isolation needs rights that root in a container does not have."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine: apt-get install chromium")
    rooted = ("--no-sandbox",) if os.geteuid() == 0 else ()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *rooted])
        yield browser
        await browser.close()
