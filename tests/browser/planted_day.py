"""A day of the real processes with planted values, and everything they leave behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import redis.asyncio
from aiohttp import ClientSession, CookieJar
from sqlalchemy.engine import make_url

from tests.live import LiveShop
from tests.planted import Planted

WITHIN_S = 60.0


@dataclass
class Visitor:
    """Somebody's browser, without the browser: the JSON API over the network."""

    session: ClientSession

    async def ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        async with self.session.request(method, path, **more) as answer:
            json = "json" in answer.content_type
            return answer.status, await (answer.json(content_type=None) if json else answer.text())

    async def sign_up(self, person: Planted, **but: Any) -> int:
        body = person.sign_up | {"payment_and_delivery": True} | but
        return (await self.ask("POST", "/api/v1/customers", json=body))[0]

    async def orders(self, card: str) -> str:
        """Until the shop knows what became of it: `paid` or `declined`."""
        _, saved = await self.ask("POST", "/api/v1/payment-methods", json={"stripe_payment_method_id": card})
        await self.ask("PUT", "/api/v1/cart/lines/kale-red", json={"quantity": 8})
        _, cart = await self.ask("GET", "/api/v1/cart")
        _, windows = await self.ask("GET", "/api/v1/delivery-windows")
        free = next(each for each in windows["windows"] if each["left"] > 0)
        asked = {"cart_version": cart["version"], "total_cents": cart["quote"]["total_cents"]}
        asked |= {"window_id": free["id"], "payment_method_id": saved["id"]}
        status, placed = await self.ask("POST", "/api/v1/orders", json=asked, headers={"Idempotency-Key": card})
        assert status == 202, placed
        async with asyncio.timeout(WITHIN_S):
            while True:
                _, order = await self.ask("GET", f"/api/v1/orders/{placed['id']}")
                if order["status"] == "paid" or order["payment"]["state"] == "declined":
                    return placed["id"]
                await asyncio.sleep(0.1)  # a bounded poll of other processes


@asynccontextmanager
async def visiting(shop: LiveShop, person: Planted | None = None) -> AsyncIterator[Visitor]:
    headers = {"Sec-Fetch-Site": "same-origin"}
    if person is not None:
        headers["User-Agent"] = person.values["browser"]
    jar = CookieJar(unsafe=True)  # its address is a number
    async with ClientSession(shop.url, headers=headers, cookie_jar=jar) as session:
        yield Visitor(session)


async def left_behind(shop: LiveShop) -> dict[str, bytes]:
    """What the processes said, and what is in every store that is not sealed: by where it is."""
    found = {path.name: path.read_bytes() for path in (shop.data_dir / "logs").iterdir()}
    found |= {path.name: path.read_bytes() for path in shop.data_dir.glob("*.json*")}
    # Valkey's own file holds every command, also about keys that are gone.
    found |= {f"valkey/{path.name}": path.read_bytes() for path in shop.data_dir.glob("valkey/**/*") if path.is_file()}
    found["said"] = shop.said.read_bytes()
    found["valkey"] = await _valkey(shop)
    return found | {f"table {name}": rows for name, rows in (await _tables(shop)).items()}


async def _valkey(shop: LiveShop) -> bytes:
    client = redis.asyncio.Redis.from_url(shop.environment("worker")["KALE_VALKEY_URL"])
    try:
        keys = [key async for key in client.scan_iter(count=1_000)]
        # DUMP may compress a long value; these are short, and readable as they are.
        return b"\n".join([*keys, *[bytes(await client.dump(key) or b"") for key in keys]])
    finally:
        await client.aclose()


async def _tables(shop: LiveShop) -> dict[str, bytes]:
    url = make_url(shop.environment("owner")["KALE_DATABASE_URL"]).set(drivername="postgresql")
    pg = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        names = await pg.fetch("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'vault')")
        found = {}
        for schema, table in names:
            rows = await pg.fetch(f'SELECT * FROM "{schema}"."{table}"')
            cells = [cell for row in rows for cell in row]
            found[table] = b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
        return found
    finally:
        await pg.close()
