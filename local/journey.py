"""The main job as a new shopper does it, through the public API: fill a cart, sign up, pay, wait until it is paid."""

import asyncio
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from local.visitor import Answer, Stopped, Visitor

PRODUCTS: Final = 5
LOOK_EVERY_S: Final = 0.05
# Somebody else may take the last unit or the last place: then the shopper chooses again.
CHOICES_MAX: Final = 5
CHOOSE_AGAIN: Final = frozenset({"out-of-stock", "window-full", "window-closed", "price-changed", "stale-cart"})

FIRST: Final = ("Ana", "Ben", "Chloe", "Dev", "Elif", "Farid", "Grace", "Hiro", "Ines", "Jonah", "Kemi", "Luis")
LAST: Final = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Hazel", "Juniper", "Laurel", "Maple", "Oak", "Pine")
STREETS: Final = ("S Spring St", "W 7th St", "E 3rd St", "S Broadway", "S Main St", "W Olympic Blvd")

Told = Callable[[str, float, str], None]


@dataclass(frozen=True, kw_only=True)
class Bought:
    """An order the shop acknowledged, and what became of it."""

    id: str
    number: str
    total_cents: int
    status: str
    accepted_ms: float
    paid_ms: float
    retries: int


@dataclass(kw_only=True)
class Journey:
    """One shopper. `tell` hears of each step with its time in milliseconds."""

    visitor: Visitor
    chance: random.Random
    card: str
    tell: Told

    async def go(self) -> Bought:
        await self._step("health", self._health)
        products = await self._step("products", self._products)
        cart = await self._step("cart", lambda: self._fill(products))
        await self._step("sign up", self.sign_up)
        card = await self._step("card", self._save_card)
        window = await self._step("window", self._window)
        began = time.perf_counter()
        placed = await self._step("order", lambda: self._order(cart, card, window))
        accepted = time.perf_counter()
        order = await self._step("paid", lambda: self._wait(placed["id"]))
        return Bought(
            id=placed["id"],
            number=placed["number"],
            total_cents=placed["total_cents"],
            status=order["status"],
            accepted_ms=(accepted - began) * 1000,
            paid_ms=(time.perf_counter() - accepted) * 1000,
            retries=self.visitor.retries,
        )

    async def _step(self, name: str, do: Any) -> Any:
        began = time.perf_counter()
        said, result = await do()
        self.tell(name, (time.perf_counter() - began) * 1000, said)
        return result

    async def _health(self) -> tuple[str, None]:
        (await self.visitor.ask("GET", "/readyz")).require(200, step="health")
        return "the shop is open", None

    async def _products(self) -> tuple[str, list[dict[str, Any]]]:
        found = (await self.visitor.ask("GET", "/api/v1/products?limit=200")).require(200, step="products")
        buyable = [product for product in found["products"] if product["available"] > PRODUCTS]
        if len(buyable) < PRODUCTS:
            raise Stopped(f"products: only {len(buyable)} can be bought; load the catalogue or fill the stock.")
        return f"{len(found['products'])} on the shelves", buyable

    async def _fill(self, products: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
        cart: dict[str, Any] = {}
        for product in self.chance.sample(products, PRODUCTS):
            cart = await self._put(product["sku"], self.chance.randint(1, 3))
        while cart["quote"]["short_of_minimum_cents"]:
            line = min(cart["lines"], key=lambda line: line["quantity"])
            cart = await self._put(line["sku"], line["quantity"] + 1)
        return f"{cart['units']} units, ${cart['quote']['total_cents'] / 100:,.2f}", cart

    async def _put(self, sku: str, quantity: int) -> dict[str, Any]:
        answer = await self.visitor.ask("PUT", f"/api/v1/cart/lines/{sku}", json={"quantity": quantity})
        return answer.require(200, step="cart")

    async def sign_up(self) -> tuple[str, None]:
        """As somebody who never was here."""
        first, last = self.chance.choice(FIRST), self.chance.choice(LAST)
        email = f"{first}.{last}.{secrets.token_hex(6)}@example.com".lower()
        password = secrets.token_urlsafe(18)
        person = {
            "name": f"{first} {last}",
            "email": email,
            "phone": f"(213) 555-01{self.chance.randint(0, 99):02d}",
            "address": {
                "street": f"{self.chance.randint(100, 999)} {self.chance.choice(STREETS)}",
                "city": "Los Angeles",
                "state": "CA",
                "postal_code": "90013",
            },
            "password": password,
            "payment_and_delivery": True,
        }
        answer = await self.visitor.ask("POST", "/api/v1/customers", json=person)
        if answer.problem == "email-taken":  # our own: the answer was lost, the account is there
            answer = await self.visitor.ask("POST", "/api/v1/session", json={"email": email, "password": password})
        answer.require(201, step="sign up")
        return f"as {first} {last}", None

    async def _save_card(self) -> tuple[str, str]:
        asked = {"stripe_payment_method_id": self.card}
        card = (await self.visitor.ask("POST", "/api/v1/payment-methods", json=asked)).require(201, step="card")
        return f"{card['brand']} ending in {card['last4']}", card["id"]

    async def _window(self) -> tuple[str, str]:
        found = (await self.visitor.ask("GET", "/api/v1/delivery-windows")).require(200, step="window")
        free = [window for window in found["windows"] if window["left"]]
        if not free:
            raise Stopped("window: no delivery window has a place left.")
        chosen = self.chance.choice(free)
        return f"{chosen['day_label']}, {chosen['label']}", chosen["id"]

    async def _order(self, cart: dict[str, Any], card: str, window: str) -> tuple[str, dict[str, Any]]:
        for _ in range(CHOICES_MAX):
            answer = await self._place(cart, card, window)
            if answer.problem not in CHOOSE_AGAIN:
                placed = answer.require(202, step="order")
                return f"{placed['number']} accepted, ${placed['total_cents'] / 100:,.2f}", placed
            _, products = await self._products()
            await self._empty()
            _, cart = await self._fill(products)
            _, window = await self._window()
        raise Stopped(f"order: refused {CHOICES_MAX} times; the last reason was {answer.problem}.")

    async def _place(self, cart: dict[str, Any], card: str, window: str) -> Answer:
        asked = {
            "cart_version": cart["version"],
            "total_cents": cart["quote"]["total_cents"],
            "window_id": window,
            "payment_method_id": card,
        }
        # Signing up moved the cart to the customer, which is a change of it.
        now = (await self.visitor.ask("GET", "/api/v1/cart")).require(200, step="cart")
        asked |= {"cart_version": now["version"], "total_cents": now["quote"]["total_cents"]} if now["lines"] else {}
        key = {"Idempotency-Key": secrets.token_urlsafe(18)}
        return await self.visitor.ask("POST", "/api/v1/orders", json=asked, headers=key)

    async def _empty(self) -> None:
        cart = (await self.visitor.ask("GET", "/api/v1/cart")).require(200, step="cart")
        for line in cart["lines"]:
            await self.visitor.ask("DELETE", f"/api/v1/cart/lines/{line['sku']}")

    async def _wait(self, order_id: str) -> tuple[str, dict[str, Any]]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.visitor.patience_s
        while loop.time() < deadline:
            order = (await self.visitor.ask("GET", f"/api/v1/orders/{order_id}")).require(200, step="paid")
            if order["status"] == "paid":
                return f"{order['number']} is paid", order
            if order["payment"]["state"] in {"declined", "canceled"}:
                raise Stopped(f"paid: the payment was {order['payment']['state']}. {order['payment']['decline_words']}")
            await asyncio.sleep(LOOK_EVERY_S)
        raise Stopped(
            f"paid: order {order['number']} was still {order['status']} after {self.visitor.patience_s:.0f} s."
        )
