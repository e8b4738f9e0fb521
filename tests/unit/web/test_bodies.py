import asyncio

import pytest
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import StreamReader
from aiohttp.test_utils import make_mocked_request

from web.bodies import Bodies
from web.parse import read_bytes
from web.refusals import TooSlow


def sent(*parts: bytes, ends: bool) -> web.Request:
    loop = asyncio.get_running_loop()
    protocol = BaseProtocol(loop)
    protocol.connection_made(asyncio.Transport())
    body = StreamReader(protocol, 2**16, loop=loop)
    for part in parts:
        body.feed_data(part)
    if ends:
        body.feed_eof()
    return make_mocked_request("POST", "/", payload=body)


async def test_a_body_that_trickles_is_given_up() -> None:
    bodies = Bodies(wait_s=0.01)

    with pytest.raises(TooSlow):
        await bodies.taken(sent(b'{"quantity":', ends=False))

    assert len(bodies) == 0


async def test_a_body_in_parts_is_read_whole() -> None:
    request = sent(b'{"quantity":', b"1}", ends=True)

    await Bodies().taken(request)

    assert await read_bytes(request) == b'{"quantity":1}'


async def test_of_too_many_bodies_the_longest_awaited_gives_way() -> None:
    bodies = Bodies(most=2, wait_s=60)
    first, second, third = (asyncio.create_task(bodies.taken(sent(ends=False))) for _ in range(3))

    with pytest.raises(TooSlow):
        await first

    assert (second.done(), third.done(), len(bodies)) == (False, False, 2)
    for waiting in (second, third):
        waiting.cancel()
    await asyncio.wait([second, third])
