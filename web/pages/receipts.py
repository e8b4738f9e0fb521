"""The receipt of a paid order, made to be printed: the same sheet for its customer and, without them, for staff."""

from typing import Any

from aiohttp import web

from kalecart.customers import reads as customers
from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.ids import CustomerId
from kalecart.orders.reads import order_view
from kalecart.payments.reads import paid_with
from kalecart.payments.reads_money import money_of
from kalecart.payments.refund import RefundState
from kalecart.policy.contact import CONTACT
from kalecart.vault import Vault
from kalecart.windows.window import label
from web.keys import RUNTIME
from web.pages.frame import frame_of, signed_in
from web.pages.orders import order_id_in
from web.pages.rendering import render


async def receipt_page(request: web.Request) -> web.Response:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        facts = await receipt_of(tx, request, customer=customer, vault=runtime.vault)
        profile = await customers.profile(tx, customer, runtime.vault)
        address = await customers.address_of(tx, facts["order"].address_id, runtime.vault)
    whom = {"name": profile.name, "address": address}
    return render("receipt.html", layout="base.html", frame=await frame_of(request), whom=whom, **facts)


async def receipt_of(tx: Tx, request: web.Request, *, customer: CustomerId | None, vault: Vault) -> dict[str, Any]:
    """What stands on the sheet. Raises NotFound for another's order, and for one that is not paid."""
    order = await order_view(tx, order_id_in(request), customer)
    if order is None or order.paid_at is None:
        raise NotFound("There is a receipt once an order is paid.")
    money = await money_of(tx, order.id)
    refunds = [refund for refund in money.refunds if refund.state is not RefundState.FAILED]
    disputed_cents = money.returnable.disputed_cents
    return {
        "order": order,
        "window_label": label(order.window_starts_at, order.window_ends_at),
        "card": await paid_with(tx, order.id, vault),
        "refunds": refunds,
        "disputed_cents": disputed_cents,
        "kept_cents": order.total_cents - sum(refund.amount_cents for refund in refunds) - disputed_cents,
        "contact": CONTACT,
    }
