"""A customer of the public API, who writes down what was asked and what the shop said."""

import asyncio
import random
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from chaos.history import History, Operation
from chaos.seen import Seen
from local.journey import Journey
from local.visitor import NOBODY_ANSWERED, Answer, Stopped, Visitor

PATIENCE_S: Final = 60.0
LOOK_EVERY_S: Final = 0.3
PRODUCTS: Final = 2
CHOICES_MAX: Final = 5
CHOOSE_AGAIN: Final = frozenset({"window-full", "window-closed", "price-changed", "stale-cart", "empty-cart"})
ACCEPTED: Final = 202
REFUSED: Final = range(400, 500)
BROKEN: Final = 500
# Of those who have an order already, so many ask once more under the same key, as a browser does that is reloaded.
ASKS_TWICE: Final = 0.15


@dataclass(frozen=True, kw_only=True)
class Market:
    """What can be bought, and when it can come."""

    skus: list[str]
    windows: list[str]

    @classmethod
    async def seen_by(cls, visitor: Visitor) -> "Market":
        products = (await visitor.ask("GET", "/api/v1/products?limit=200")).require(200, step="products")
        windows = (await visitor.ask("GET", "/api/v1/delivery-windows")).require(200, step="windows")
        # Two of the dearer ones are above the shop's minimum, whichever they are.
        dear = sorted(products["products"], key=lambda product: -product["price_cents"])[:40]
        free = [window["id"] for window in windows["windows"] if window["left"]]
        return cls(skus=[product["sku"] for product in dear], windows=free[len(free) // 2 :])


@dataclass(kw_only=True)
class Shopper:
    """Signed up once, orders often."""

    visitor: Visitor
    market: Market
    chance: random.Random
    history: History
    methods: dict[str, str] = field(default_factory=dict)  # ours, by the id Stripe publishes for the test

    @classmethod
    async def signed_up(cls, url: str, market: Market, chance: random.Random, history: History) -> "Shopper":
        visitor = Visitor.at(url, patience_s=PATIENCE_S)
        try:
            await Journey(visitor=visitor, chance=chance, card="", tell=lambda *_: None).sign_up()
        except BaseException:
            await visitor.session.close()
            raise
        return cls(visitor=visitor, market=market, chance=chance, history=history)

    async def close(self) -> None:
        await self.visitor.session.close()

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        """The shop's answer; one that tells of a bug is written down."""
        answer = await self.visitor.ask(method, path, **more)
        if answer.status >= BROKEN:
            self.history.broken.append(f"{method} {path.partition('?')[0]} was answered {answer.status}")
        return answer

    async def method(self, published: str) -> str:
        """Our id of this card, saved when it is first needed."""
        if published not in self.methods:
            asked = {"stripe_payment_method_id": published}
            answer = await self.ask("POST", "/api/v1/payment-methods", json=asked)
            self.methods[published] = answer.require(201, step="card")["id"]
        return self.methods[published]

    async def account(self, published: str) -> bool:
        """Save a bank account and allow the shop to debit it; False where the payment record is against it."""
        mandate = (await self.ask("GET", "/api/v1/bank-accounts/mandate")).require(200, step="mandate")
        if published in self.methods or not mandate["allowed"]:
            return mandate["allowed"]
        asked = {"stripe_payment_method_id": published, "mandate_sha256": mandate["sha256"], "agreed": True}
        answer = await self.ask("POST", "/api/v1/bank-accounts", json=asked)
        self.methods[published] = answer.require(201, step="account")["id"]
        return True

    async def order(self, published: str) -> str | None:
        """Place an order with this card; its id, or None where the shop said no for good."""
        card = await self.method(published)
        for _ in range(CHOICES_MAX):
            asked, key = await self._chosen(card), secrets.token_urlsafe(18)
            placed = await self._place(asked, key)
            if placed.outcome == "ok":
                if self.chance.random() < ASKS_TWICE:
                    await self._place(asked, key)
                return placed.order_id
            if placed.told.get("problem") not in CHOOSE_AGAIN:
                return None
        return None

    async def pay_again(self, order_id: str, published: str) -> None:
        card = await self.method(published)
        async with self.history.operation("pay again", key=f"{order_id}:{card}", order_id=order_id) as asked:
            answer = await self.ask("POST", f"/api/v1/orders/{order_id}/payment", json={"payment_method_id": card})
            note(asked, answer, order_id)

    async def cancel(self, order_id: str) -> None:
        async with self.history.operation("cancel", key=order_id, order_id=order_id) as asked:
            note(asked, await self.ask("POST", f"/api/v1/orders/{order_id}/cancel"), order_id)

    async def until(self, order_id: str, states: Collection[str]) -> str:
        """Look at the order until its payment is in one of these states; the state."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_S
        while loop.time() < deadline:
            answer = await self.ask("GET", f"/api/v1/orders/{order_id}")
            state = answer.require(200, step="look")["payment"]["state"]
            if state in states:
                return state
            await asyncio.sleep(LOOK_EVERY_S)
        raise Stopped(f"order {order_id} was not {' or '.join(states)} after {PATIENCE_S:.0f} s, but {state}")

    async def at_the_bank(self, order_id: str, *, passes: bool) -> None:
        """From the order page to the bank's page, answer there, and come back, as a browser does without JavaScript."""
        page = await self.browse("GET", f"{self.visitor.url}/orders/{order_id}/confirm")
        if page.location.startswith("/"):
            return  # it needs no confirmation any more
        form = await self.browse("GET", page.location)
        fields = form.hidden() | {"outcome": "complete" if passes else "fail"}
        if len(fields) > 1:
            answered = await self.browse("POST", form.action(), data=fields)
            if answered.location:
                await self.browse("GET", answered.location)

    async def browse(self, method: str, url: str, data: Mapping[str, str] | None = None) -> Seen:
        """A page, or where it sends us. Asked again where nobody answers."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_S
        while loop.time() < deadline:
            try:
                async with self.visitor.session.request(method, url, data=data, allow_redirects=False) as answer:
                    if answer.status not in NOBODY_ANSWERED:
                        return Seen(url, await answer.text(), answer.headers.get("Location", ""))
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(LOOK_EVERY_S)
        raise Stopped(f"nobody answered {method} {url.partition('?')[0]} for {PATIENCE_S:.0f} s")

    async def _chosen(self, card: str) -> dict[str, Any]:
        for sku in self.chance.sample(self.market.skus, PRODUCTS):
            quantity = {"quantity": self.chance.randint(3, 6)}
            (await self.ask("PUT", f"/api/v1/cart/lines/{sku}", json=quantity)).require(200, step="cart")
        cart = (await self.ask("GET", "/api/v1/cart")).require(200, step="cart")
        return {
            "cart_version": cart["version"],
            "total_cents": cart["quote"]["total_cents"],
            "window_id": self.chance.choice(self.market.windows),
            "payment_method_id": card,
        }

    async def _place(self, asked: Mapping[str, Any], key: str) -> Operation:
        async with self.history.operation("place", key) as placing:
            answer = await self.ask("POST", "/api/v1/orders", json=asked, headers={"Idempotency-Key": key})
            if answer.status == ACCEPTED:
                placing.ok(answer.body["id"], total_cents=answer.body["total_cents"])
            elif answer.status in REFUSED:
                placing.refused(answer.problem)
        return placing


def note(asked: Operation, answer: Answer, order_id: str) -> None:
    """What the shop said of an act on an order."""
    if answer.status < REFUSED.start:
        asked.ok(order_id)
    elif answer.status in REFUSED:
        asked.refused(answer.problem)
