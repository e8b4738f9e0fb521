"""What the shop says to Stripe, byte by byte, and what Stripe learns of people by it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from aiohttp import web

from kalecart.disclosures import Field


@dataclass
class Wire:
    """Every request of the shop's that reached Stripe: method, path, form."""

    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @web.middleware
    async def record(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        body = await request.read()
        head = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        self.bodies.append(f"{request.method} {request.path_qs}\n{head}\n".encode() + body)
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.asked.append((request.method, request.path, form))
        return await handler(request)

    def told(self) -> dict[str, set[Field]]:
        """What Stripe learned of people, by what it was about: its own ids given back to it say nothing new."""
        learned: dict[str, set[Field]] = {}
        order_of: dict[str, str] = {}
        for method, path, form in self.asked:
            match [method, *path.removeprefix("/v1/").split("/")]:
                case ["POST", "customers"]:
                    learned.setdefault(form["metadata[customer_id]"], set()).add(Field.CUSTOMER_ID)
                case ["POST", "payment_methods", method_id, "attach"]:
                    learned.setdefault(method_id, set()).add(Field.PAYMENT_METHOD)
                case ["POST", "payment_intents"]:
                    order_of[form["metadata[order_id]"]] = form["amount"]
                    learned.setdefault(form["metadata[order_id]"], set()).update({Field.ORDER_ID, Field.AMOUNT})
                case ["POST", "payment_intents", _, "confirm"]:
                    order = form["return_url"].split("/")[-2]
                    learned.setdefault(order, set()).update({Field.ORDER_ID, Field.PAYMENT_METHOD})
                case ["POST", "refunds"]:
                    learned.setdefault(form["metadata[refund_id]"], set()).add(Field.AMOUNT)
                case ["POST", "setup_intents"]:
                    assert "mandate_data[customer_acceptance][online][ip_address]" in form
                    mandate = {Field.INTERNET_ADDRESS, Field.BROWSER, Field.PAYMENT_METHOD}
                    learned.setdefault(form["payment_method"], set()).update(mandate)
                case ["GET", *_] | ["DELETE", "customers", _]:
                    assert form == {}
                case [_, *rest]:
                    raise AssertionError(f"nobody has said what Stripe learns by {'/'.join(rest)}")
        return learned
