"""(d) How long each page takes while requests for it arrive at a constant rate."""

from typing import Any

from bench.journeys import CART_COOKIE, SESSION_COOKIE
from bench.plan import Asked, Open, prepared
from bench.prepare import fill_carts
from bench.scene import Scene
from kalecart.ids import new_id


async def pages(scene: Scene) -> dict[str, Any]:
    """By path, as a logged-in shopper with five products in the cart and an order sees them."""
    cart = f"page-{new_id()}-"
    await fill_carts(scene.parts, mark=cart, first=0, count=len(scene.trade.shoppers))
    async with scene.parts.db.direct() as pg:
        orders = {
            str(row["customer_id"]): str(row["id"])
            for row in await pg.fetch("SELECT DISTINCT ON (customer_id) customer_id, id FROM customer_order")
        }
    shown = ("/", "/?q=kale", f"/products/{scene.trade.skus[0]}", "/cart", "/checkout", "/orders/{order_id}", "/policy")
    return {path: await _page(scene, path, cart, orders) for path in shown}


async def _page(scene: Scene, path: str, cart: str, orders: dict[str, str]) -> dict[str, Any]:
    extent = scene.extent
    requests = [
        Asked(
            method="GET",
            path=path.format(order_id=orders.get(shopper.customer, "")),
            headers={
                "Host": scene.origin,
                "Accept": "text/html",
                "Cookie": f"{SESSION_COOKIE}={shopper.session}; {CART_COOKIE}={cart}{number}",
            },
        )
        for number, shopper in enumerate(scene.trade.shoppers)
    ]
    shape = Open(per_second=extent.pages_per_second, seconds=extent.page_s, warm_up_s=1.0)
    return await scene.load("page", shape, prepared(requests, expect=200))
