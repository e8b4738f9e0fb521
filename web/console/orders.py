"""Orders for staff: a list whose filters are its address, and one order with everything about it."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from kalecart.clock import SHOP_ZONE
from kalecart.customers import reads as customers
from kalecart.customers.address import Address
from kalecart.customers.profile import Profile
from kalecart.errors import Invalid, NotFound
from kalecart.orders.order import OrderStatus
from kalecart.orders.reads import OrderFilter, OrderView, order_view, staff_orders
from kalecart.payments.reads import PaymentView, payment_of
from kalecart.payments.reads_money import OrderMoney, money_of
from kalecart.staff.view import ViewPurpose, record_view
from kalecart.windows.window import label
from web.api.order_views import staff_order_view
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.forms import form_of, query_text
from web.pages.order_progress import live_of
from web.pages.orders import STATES, instant, order_id_in
from web.pages.rendering import render

PAGE: Final = 50


@dataclass(frozen=True, kw_only=True)
class Revealed:
    """A customer's details, shown once, on record, for a purpose."""

    profile: Profile
    address: Address
    purpose: ViewPurpose


async def orders_page(request: web.Request) -> web.Response:
    member = await staff_member(request)
    member.require("orders:read")
    typed = {name: query_text(request, name, most=40) for name in ("status", "q", "since", "before")}
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await staff_orders(tx, _filter(typed), limit=PAGE + 1)
    older = {**typed, "before": found[PAGE - 1].placed_at.isoformat()} if len(found) > PAGE else None
    return render(
        "staff/orders.html",
        demo=request.app[RUNTIME].settings.demo,
        member=member,
        orders=found[:PAGE],
        states=STATES,
        typed=typed,
        older=urlencode({name: value for name, value in older.items() if value}) if older else None,
    )


async def order_page(request: web.Request) -> web.Response:
    return await _page(request)


async def customer_revealed(request: web.Request) -> web.Response:
    """Show whose order it is: only for a stated purpose, and the look is on record before it happens (C8)."""
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    order, *_ = await _order(request)
    try:
        profile = await record_view(
            order.customer_id,
            purpose=form.get("purpose", ""),
            by=member,
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
        )
    except Invalid as refusal:
        return await _page(request, problem=" ".join(refusal.problems.values()))
    async with runtime.db.snapshot() as tx:
        address = await customers.address_of(tx, order.address_id, runtime.vault)
    return await _page(
        request, revealed=Revealed(profile=profile, address=address, purpose=ViewPurpose(form["purpose"]))
    )


async def _page(request: web.Request, *, revealed: Revealed | None = None, problem: str | None = None) -> web.Response:
    member = await staff_member(request)
    member.require("orders:read")
    order, payment, money = await _order(request)
    runtime = request.app[RUNTIME]
    return render(
        "staff/order.html",
        status=422 if problem else 200,
        demo=runtime.settings.demo,
        member=member,
        order=order,
        payment=payment,
        live=live_of(order, payment, money, now=runtime.clock.now(), unpaid=runtime.settings.unpaid),
        state=STATES[order.status],
        window_label=label(order.window_starts_at, order.window_ends_at),
        raw=staff_order_view(order, payment, money).model_dump_json(indent=2),
        may_reveal=member.may("customers:view"),
        purposes=list(ViewPurpose),
        revealed=revealed,
        problem=problem,
    )


async def _order(request: web.Request) -> tuple[OrderView, PaymentView, OrderMoney]:
    async with request.app[RUNTIME].db.snapshot() as tx:
        order = await order_view(tx, order_id_in(request), None)
        if order is None:
            raise NotFound("There is no such order.")
        return order, await payment_of(tx, order.id), await money_of(tx, order.id)


def _filter(typed: dict[str, str]) -> OrderFilter:
    """A filter that cannot be read does not filter: the form beside the list shows which are on."""
    found: dict[str, Any] = {"number": typed["q"] or None, "before": instant(typed["before"])}
    if typed["status"] in set(OrderStatus):
        found["status"] = OrderStatus(typed["status"])
    if (since := _day(typed["since"])) is not None:
        found["since"] = datetime.combine(since, time(), SHOP_ZONE)
    return OrderFilter(**found)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
