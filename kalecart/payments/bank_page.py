"""Send a customer to the page where their bank asks whether it is them (3-D Secure)."""

from typing import Final
from urllib.parse import urlsplit

import structlog

from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, OrderId
from kalecart.payments import reads
from kalecart.payments.gateway import Gateway

# Where Stripe serves what a bank shows.
STRIPE_HOOKS: Final = "https://hooks.stripe.com"

log = structlog.get_logger()


async def bank_page_of(
    order_id: OrderId, *, customer_id: CustomerId, db: Database, gateway: Gateway, api_base: str
) -> str | None:
    """The address to send the customer to; None where nothing is to be confirmed any more.

    `api_base` is where a stand-in serves its pages, empty for Stripe itself. Raises NotFound for another's order,
    Unavailable where Stripe does not answer.
    """
    async with db.direct() as pg:
        state = await reads.state_of(pg, order_id, customer_id)
        stripe_id = await reads.waiting_for_customer(pg, order_id) if state else None
    if state is None:
        raise NotFound("You have no such order.")
    if stripe_id is None:
        return None
    page = await gateway.bank_page(stripe_id)
    if page is not None and not served_by_stripe(page, api_base):
        # Whatever answered in Stripe's name: nobody is sent elsewhere by it.
        log.error("bank_page_elsewhere", order_id=order_id)
        return None
    return page


def served_by_stripe(page: str, api_base: str) -> bool:
    return _origin(page) == _origin(api_base or STRIPE_HOOKS)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
