"""What is done over and over while it is measured. Every one draws its choices from the seed and its own number."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from bench.connection import Answer, Broken, Connection, request
from bench.shopper import Shopper

LINES: Final = 5
QUANTITY_MOST: Final = 3
# Any basket of five lines is above the shop's minimum when its first line holds this many more.
MORE_OF_THE_FIRST: Final = 6
CART_COOKIE: Final = "kale_cart"
SESSION_COOKIE: Final = "kale_session"


class Failed(Exception):
    """Something else than what was expected was answered."""


class Journey(Protocol):
    """Number `number` of many. Raises Failed, Broken or TimeoutError."""

    def __call__(self, connection: Connection, number: int) -> Awaitable[None]: ...


async def ask(connection: Connection, sent: bytes, *, expect: int) -> Answer:
    answer = await connection.ask(sent)
    if answer.status != expect:
        asked = sent.partition(b" HTTP/")[0].decode()
        raise Failed(f"{asked}: {answer.status} instead of {expect}, {why(answer.body)}")
    return answer


def why(body: bytes) -> str:
    """What an answer says of itself, without what is another each time: a thousand of a kind are one line."""
    try:
        problem = json.loads(body)
        return f"{problem['type']}: {problem.get('detail') or problem['title']}"
    except (ValueError, TypeError, KeyError):
        return repr(body[:200])


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Requests made ready before the clock runs; each is sent once, or all in turn where there are more journeys."""

    requests: Sequence[bytes]
    expect: int

    async def __call__(self, connection: Connection, number: int) -> None:
        await ask(connection, self.requests[number % len(self.requests)], expect=self.expect)


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A logged-in shopper fills a cart with five products, looks at it, and orders: seven requests.

    Nobody shops twice at once: a cart that is open comes along to the browser that begins another, as it should, and
    the first would order an empty one. Who is meant to begin meanwhile waits, and that is in their time.
    """

    host: str
    shoppers: Sequence[Shopper]
    skus: Sequence[str]
    windows: Sequence[str]
    seed: int
    run: str
    headers: Mapping[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})
    shopping: Mapping[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock), compare=False)

    async def __call__(self, connection: Connection, number: int) -> None:
        shopper = self.shoppers[number % len(self.shoppers)]
        async with self.shopping[shopper.session]:
            await self._shop(connection, number, shopper)

    async def _shop(self, connection: Connection, number: int, shopper: Shopper) -> None:
        chance = random.Random(f"{self.seed} {number}")  # noqa: S311  # choices of a measurement, to be repeated
        cookies = {SESSION_COOKIE: shopper.session}
        for place, sku in enumerate(chance.sample(self.skus, LINES)):
            quantity = chance.randint(1, QUANTITY_MOST) + (MORE_OF_THE_FIRST if place == 0 else 0)
            line = self._request("PUT", f"/api/v1/cart/lines/{sku}", cookies, {"quantity": quantity})
            answer = await ask(connection, line, expect=200)
            if place == 0:
                cookies[CART_COOKIE] = answer.cookie(CART_COOKIE) or ""
        seen = json.loads((await ask(connection, self._request("GET", "/api/v1/cart", cookies), expect=200)).body)
        order = {
            "cart_version": seen["version"],
            "total_cents": seen["quote"]["total_cents"],
            "window_id": self.windows[number % len(self.windows)],
            "payment_method_id": shopper.card,
        }
        key = {"Idempotency-Key": f"{self.run}-{number}"}
        await ask(connection, self._request("POST", "/api/v1/orders", cookies, order, key), expect=202)

    def _request(
        self,
        method: str,
        path: str,
        cookies: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> bytes:
        worn = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers = {"Host": self.host, "Cookie": worn, **self.headers, **(more or {})}
        if body is None:
            return request(method, path, headers)
        return request(method, path, headers | {"Content-Type": "application/json"}, json.dumps(body).encode())


FAILURES: Final = (Failed, Broken, TimeoutError, OSError)
