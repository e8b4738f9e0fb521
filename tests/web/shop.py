"""A shopper's browser at the door of the shop, and what it does there."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiohttp import ClientResponse, ClientSession
from aiohttp.test_utils import TestClient

from kalecart.database import Database
from kalecart.ids import OrderId, WindowId
from kalecart.runtime import Runtime
from tests.builders import charged

PASSWORD = "a long enough secret"


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any

    @property
    def problem(self) -> str:
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.headers
        assert self.body["status"] == self.status
        return self.body["type"].removeprefix("/problems/")

    @property
    def wrong(self) -> set[str]:
        """What the problem names: pointers, parameters, headers."""
        return {next(value for name, value in error.items() if name != "detail") for error in self.body["errors"]}


@dataclass
class Shop:
    client: TestClient
    db: Database
    runtime: Runtime
    window: WindowId
    same_origin: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        headers = self.same_origin | more.pop("headers", {})
        async with self.client.request(method, path, headers=headers, **more) as response:
            return Answer(response.status, response.headers.copy(), await _body(response))

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.ask("GET", path, **more)

    async def fill(self, sku: str, quantity: int) -> Answer:
        return await self.ask("PUT", f"/api/v1/cart/lines/{sku}", json={"quantity": quantity})

    async def sign_up(self, email: str = "ana@example.com", **but: Any) -> Answer:
        return await self.ask("POST", "/api/v1/customers", json=a_sign_up(email=email, **but))

    async def type_card(self, number: str = "4242424242424242") -> str:
        """What Stripe's field in the page does: the number goes to Stripe, and its id comes back."""
        settings = self.runtime.settings
        card = {"card[number]": number, "card[exp_month]": "12", "card[exp_year]": "2039", "card[cvc]": "123"}
        async with (
            ClientSession(headers={"Authorization": "Bearer pk_test_kalecart"}) as session,
            session.post(f"{settings.stripe_api_base}/v1/payment_methods", data={"type": "card", **card}) as made,
        ):
            assert made.status == 200, await made.text()
            return (await made.json())["id"]

    async def save_card(self, card: str = "pm_card_visa") -> Answer:
        return await self.ask("POST", "/api/v1/payment-methods", json={"stripe_payment_method_id": card})

    async def order(self, *, key: str = "key-1", **but: Any) -> Answer:
        """What the cart shows, sent as an order."""
        cart = (await self.get("/api/v1/cart")).body
        body = {
            "cart_version": max(cart["version"], 1),
            "total_cents": cart["quote"]["total_cents"],
            "window_id": str(self.window),
        }
        return await self.ask("POST", "/api/v1/orders", json=body | but, headers={"Idempotency-Key": key})

    def id_in(self, path: str) -> UUID:
        return UUID(path.rpartition("/")[2])

    async def charge(self, path: str) -> None:
        """The order at this address, as a worker leaves it once it is paid."""
        await charged(self.db, OrderId(self.id_in(path)), now=self.runtime.clock.now())

    async def ready_to_order(self) -> str:
        """A customer with a full cart and a card; returns the card's id."""
        await self.fill("kale", 4)
        await self.fill("soap", 2)
        assert (await self.sign_up()).status == 201
        card = await self.save_card()
        assert card.status == 201, card.body
        return card.body["id"]


async def _body(response: ClientResponse) -> Any:
    return await response.json(content_type=None) if "json" in response.content_type else await response.text()


def a_sign_up(**but: Any) -> dict[str, Any]:
    return {
        "name": "Ana Shopper",
        "email": "ana@example.com",
        "phone": "(213) 555-0123",
        "address": {"street": "460 S Spring St", "city": "Los Angeles", "state": "CA", "postal_code": "90013"},
        "password": PASSWORD,
        "payment_and_delivery": True,
    } | but
