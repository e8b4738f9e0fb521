"""A stand-in of its own for every test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.stand_in import Caller, in_process


@pytest_asyncio.fixture
async def sim() -> AsyncIterator[Caller]:
    async with in_process() as caller:
        yield caller
