"""Bodies on their way in: whoever sends slowly holds a place here, and none among the requests in flight."""

import asyncio
from typing import Final

from aiohttp import web

from web import refusals
from web.parse import read_bytes

BODY_WAIT_S: Final = 10.0
# Each may hold what `BODY_BYTES_MAX` allows, twice.
ARRIVING_MAX: Final = 1024


class Bodies:
    """Those that did not come whole with their headers, the longest awaited first.

    Where there are too many, that one gives way: an honest sender is through in an instant, so a crowd of slow ones
    pushes out itself and nobody else.
    """

    def __init__(self, *, most: int = ARRIVING_MAX, wait_s: float = BODY_WAIT_S) -> None:
        self._most = most
        self._wait_s = wait_s
        self._arriving: dict[asyncio.Timeout, None] = {}

    def __len__(self) -> int:
        return len(self._arriving)

    async def taken(self, request: web.BaseRequest) -> None:
        """Wait for all of it; the framework keeps it for whoever reads it. Raises TooSlow, NotJson."""
        try:
            async with asyncio.timeout(self._wait_s) as deadline:
                self._arriving[deadline] = None
                try:
                    self._make_room()
                    await read_bytes(request)
                finally:
                    self._arriving.pop(deadline, None)
        except TimeoutError:
            raise refusals.TooSlow("Send it again, all of it at once.") from None

    def _make_room(self) -> None:
        if len(self._arriving) > self._most:
            longest = next(iter(self._arriving))
            del self._arriving[longest]
            longest.reschedule(asyncio.get_running_loop().time())
