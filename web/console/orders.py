"""Orders for staff: a list whose filters are its address, and one order with everything about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from kalecart import tombstones
from kalecart.clock import SHOP_ZONE
from kalecart.customers import reads as customers
from kalecart.customers.address import Address
from kalecart.customers.profile import Profile
from kalecart.errors import Invalid, NotFound, Refused
from kalecart.ids import new_id
from kalecart.orders.order import TRANSITIONS, OrderStatus
from kalecart.orders.reads import OrderFilter, OrderView, order_view, staff_orders
from kalecart.payments.reads import PaymentView, payment_of
from kalecart.payments.reads_money import OrderMoney, left_of, money_of
from kalecart.payments.refund import STAFF_REASONS
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Right
from kalecart.staff.view import PersonErased, ViewPurpose, record_view
from kalecart.windows.window import label
from web.api.order_views import staff_order_view
from web.console.order_words import LEDGER, WAITS, steps_of
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.forms import form_of, query_text, sentence
from web.pages.frame import partial
from web.pages.order_progress import live_of
from web.pages.order_words import UNDELIVERED
from web.pages.orders import STATES, instant, order_id_in
from web.pages.rendering import render
from web.parse import date_of
from web.problems import status_of

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
        "staff/orders_live.html" if partial(request) else "staff/orders.html",
        here=request.rel_url.path_qs,
        follows=member.may("queue:read"),
        demo=request.app[RUNTIME].settings.demo,
        member=member,
        orders=found[:PAGE],
        states=STATES,
        typed=typed,
        older=urlencode({name: value for name, value in older.items() if value}) if older else None,
    )


async def order_page(request: web.Request) -> web.Response:
    return await shown(request)


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
    except PersonErased:
        return await shown(request)
    except Invalid as refusal:
        return await shown(request, refusal=refusal)
    async with runtime.db.snapshot() as tx:
        address = await customers.address_of(tx, order.address_id, runtime.vault, bare=True)
    return await shown(
        request, revealed=Revealed(profile=profile, address=address, purpose=ViewPurpose(form["purpose"]))
    )


async def shown(
    request: web.Request,
    *,
    revealed: Revealed | None = None,
    refusal: Refused | None = None,
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    """The order as it is now; with what was refused, and what was typed into the form that was."""
    member = await staff_member(request)
    member.require("orders:read")
    order, payment, money, left = await _order(request)
    runtime = request.app[RUNTIME]
    live = live_of(order, payment, money, now=runtime.clock.now(), unpaid=runtime.settings.unpaid)
    return render(
        "staff/order.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        order=order,
        payment=payment,
        money=money,
        live=live,
        left=left,
        steps=steps_of(order),
        ledger_words=LEDGER,
        state=WAITS.get(live.state, STATES[order.status]),
        acts=_acts(member, order),
        undelivered_words=UNDELIVERED,
        may_refund=member.may("refunds:make") and money.remaining_cents > 0,
        sees_money=member.may("money:read"),
        reasons=STAFF_REASONS,
        refund_id=new_id(),
        typed=typed or {},
        window_label=label(order.window_starts_at, order.window_ends_at),
        raw=staff_order_view(order, payment, money).model_dump_json(indent=2),
        purposes=list(ViewPurpose) if member.may("customers:view") else [],
        revealed=revealed,
        erased_at=await _erased_at(request, order),
        problem=said(refusal) if refusal else None,
    )


async def _erased_at(request: web.Request, order: OrderView) -> datetime | None:
    async with request.app[RUNTIME].db.snapshot() as tx:
        return await tombstones.erased_at(tx, order.customer_id)


def _acts(member: StaffMember, order: OrderView) -> Sequence[OrderStatus]:
    """Where this member may move this order, the way ahead first."""
    ahead = TRANSITIONS[order.status] - {OrderStatus.PAID}
    if order.status is OrderStatus.PLACED and not order.goes_ahead:
        ahead -= {OrderStatus.PICKING}
    needs: dict[OrderStatus, Right] = {OrderStatus.CANCELLED: "refunds:make"}
    return [status for status in OrderStatus if status in ahead and member.may(needs.get(status, "orders:act"))]


def said(refusal: Refused) -> str:
    """What was refused, field by field where there are fields."""
    return " ".join(refusal.problems.values()) if isinstance(refusal, Invalid) else sentence(refusal)


async def _order(request: web.Request) -> tuple[OrderView, PaymentView, OrderMoney, Mapping[str, int]]:
    async with request.app[RUNTIME].db.snapshot() as tx:
        order = await order_view(tx, order_id_in(request), None)
        if order is None:
            raise NotFound("There is no such order.")
        payment, money = await payment_of(tx, order.id), await money_of(tx, order.id)
        return order, payment, money, await left_of(tx, order.id)


def _filter(typed: dict[str, str]) -> OrderFilter:
    """A filter that cannot be read does not filter: the form beside the list shows which are on."""
    found: dict[str, Any] = {"number": typed["q"] or None, "before": instant(typed["before"])}
    if typed["status"] in set(OrderStatus):
        found["status"] = OrderStatus(typed["status"])
    if (since := date_of(typed["since"])) is not None:
        found["since"] = datetime.combine(since, time(), SHOP_ZONE)
    return OrderFilter(**found)
