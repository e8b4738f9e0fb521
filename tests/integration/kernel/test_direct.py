"""The pool of connections for single statements, with connections that only count."""

import asyncio
from typing import Any

import pytest

from kalecart.direct import DirectPool


class Wire:
    def __init__(self) -> None:
        self.dead = False

    def is_closed(self) -> bool:
        return self.dead

    def terminate(self) -> None:
        self.dead = True

    async def close(self, **_more: Any) -> None:
        self.dead = True


class Exchange:
    """Connects, as often as asked, unless the server is away."""

    def __init__(self) -> None:
        self.wires: list[Wire] = []
        self.away = False

    async def connect(self) -> Any:
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionRefusedError
        self.wires.append(Wire())
        return self.wires[-1]


def pool(exchange: Exchange, *, size_max: int = 2, wait_s: float = 5.0) -> DirectPool:
    return DirectPool(exchange.connect, size_max=size_max, wait_s=wait_s)


async def test_a_connection_is_used_again_instead_of_opened_again() -> None:
    exchange = Exchange()
    lent = pool(exchange)
    for _ in range(3):
        lent.give(await lent.take())
    assert len(exchange.wires) == 1


async def test_who_finds_none_waits_for_one_that_is_given_back() -> None:
    exchange = Exchange()
    lent = pool(exchange, size_max=1)
    first = await lent.take()
    waiting = [asyncio.create_task(lent.take()) for _ in range(2)]
    await asyncio.sleep(0)
    lent.give(first)
    assert await waiting[0] is first
    assert not waiting[1].done()
    lent.give(first)
    assert await waiting[1] is first
    assert len(exchange.wires) == 1


async def test_a_dead_connection_is_replaced_and_not_lent() -> None:
    exchange = Exchange()
    lent = pool(exchange, size_max=1)
    first = await lent.take()
    lent.give(first)
    exchange.wires[0].dead = True
    second = await lent.take()
    assert second is not first
    exchange.wires[1].dead = True
    waiting = asyncio.create_task(lent.take())
    await asyncio.sleep(0)
    lent.give(second)
    assert await waiting is exchange.wires[2]


async def test_waiting_has_an_end() -> None:
    lent = pool(Exchange(), size_max=1, wait_s=0.02)
    held = await lent.take()
    with pytest.raises(TimeoutError):
        await lent.take()
    lent.give(held)
    assert await lent.take() is held


async def test_who_gives_up_waiting_loses_no_connection() -> None:
    lent = pool(Exchange(), size_max=1)
    held = await lent.take()
    waiting = asyncio.create_task(lent.take())
    await asyncio.sleep(0)
    lent.give(held)  # handed over, and cancelled before it is picked up
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await lent.take() is held


async def test_a_server_that_is_away_takes_no_places_for_good() -> None:
    exchange = Exchange()
    lent = pool(exchange, size_max=1)
    exchange.away = True
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await lent.take()
    exchange.away = False
    assert await lent.take() is exchange.wires[0]


async def test_what_is_given_back_after_the_end_is_closed() -> None:
    exchange = Exchange()
    lent = pool(exchange)
    one, other = await lent.take(), await lent.take()
    lent.give(one)
    await lent.close()
    lent.give(other)
    assert [wire.dead for wire in exchange.wires] == [True, True]
