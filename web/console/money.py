"""The shop's money for staff: payments and refunds whose outcome is open, and what Stripe told us of."""

from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from kalecart import tasks
from kalecart.jobs import ChargeOrder, CheckPayment, SendRefund, SettleCancellation, SettleEvent
from kalecart.payments.ask_stripe import ask_for_staff
from kalecart.payments.event import SETTLED_TYPES
from kalecart.payments.reads_open import (
    EventFilter,
    open_payments,
    open_refunds,
    settled_events,
    unsettled_events,
)
from web.console.queue_words import lasting, topic_words
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.forms import query_text
from web.pages.orders import instant, order_id_in
from web.pages.rendering import render

PAGE: Final = 50
# Longer lists mean that Stripe is away, and then the queue says more.
OPEN_MAX: Final = 200
# What brings a payment or a refund to its end.
WAITED_FOR: Final = {kind.topic for kind in (ChargeOrder, CheckPayment, SendRefund, SettleCancellation, SettleEvent)}


async def payments_page(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    member.require("money:read")
    async with runtime.db.snapshot() as tx:
        paused = await tasks.paused_topics(tx)
        payments, refunds = await open_payments(tx, limit=OPEN_MAX), await open_refunds(tx, limit=OPEN_MAX)
    return render(
        "staff/payments.html",
        demo=runtime.settings.demo,
        member=member,
        payments=payments,
        refunds=refunds,
        paused=[topic_words(topic) for topic in sorted(WAITED_FOR & set(paused))],
        asked=query_text(request, "asked", most=20),
        may_ask=member.may("orders:act"),
        now=runtime.clock.now(),
        lasting=lasting,
    )


async def stripe_asked(request: web.Request) -> web.Response:
    """Ask at once, on record; the answer is on the page a moment later."""
    member, runtime = await staff_member(request), request.app[RUNTIME]
    member.require("orders:act")
    order_id = order_id_in(request)
    number = await ask_for_staff(
        order_id, by=member.id, db=runtime.db, clock=runtime.clock, dispatcher=runtime.dispatcher
    )
    raise web.HTTPSeeOther(f"/staff/payments?asked={number}")


async def webhooks_page(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    member.require("money:read")
    typed = {name: query_text(request, name, most=80) for name in ("q", "type", "outcome", "before")}
    wanted = EventFilter(
        outcome=typed["outcome"] or None,
        kind=typed["type"] or None,
        about=typed["q"] or None,
        before=instant(typed["before"]),
    )
    async with runtime.db.snapshot() as tx:
        waiting = [] if wanted.before else await unsettled_events(tx, wanted, limit=PAGE)
        settled = await settled_events(tx, wanted, limit=PAGE + 1)
    older = {**typed, "before": settled[PAGE - 1].received_at.isoformat()} if len(settled) > PAGE else None
    return render(
        "staff/webhooks.html",
        demo=runtime.settings.demo,
        member=member,
        waiting=waiting,
        settled=settled[:PAGE],
        types=sorted(SETTLED_TYPES),
        typed=typed,
        older=urlencode({name: value for name, value in older.items() if value}) if older else None,
        now=runtime.clock.now(),
        lasting=lasting,
    )
