"""Open alerts, by kind, with what to do about each."""

from collections.abc import Mapping
from itertools import groupby
from typing import Final

from aiohttp import web

from kalecart.tending.reads import AlertView, open_alerts
from kalecart.tending.remedies import remedy_of
from kalecart.tending.resolve import resolve_alert
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.frame import partial
from web.pages.rendering import render
from web.parse import id_in

SHOWN_MAX: Final = 500
# What the subject of an alert is the id of, where there is a page for it.
PAGES: Final[Mapping[str, str]] = {
    "dead_letter": "/staff/queue/tasks/",
    "mail_failed": "/staff/mail/",
    "mail_unknown": "/staff/mail/",
    "mail_returned": "/staff/mail/",
    "complaint_late": "/staff/complaints/",
    "complaint_unassigned": "/staff/complaints/",
    "complaint_unreached": "/staff/complaints/",
    "acknowledgement_unposted": "/staff/complaints/",
    "answer_unposted": "/staff/complaints/",
    "complaint_replied": "/staff/complaints/",
    "wrong_amount": "/staff/orders/",
    "payment_canceled": "/staff/orders/",
}


async def alerts_page(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    member.require("queue:read")
    async with runtime.db.snapshot() as tx:
        found = await open_alerts(tx, limit=SHOWN_MAX)
    by_kind = groupby(sorted(found, key=_kind), key=_kind)
    return render(
        "staff/alerts_live.html" if partial(request) else "staff/alerts.html",
        demo=runtime.settings.demo,
        member=member,
        may_resolve=member.may("alerts:resolve"),
        kinds=[(kind, remedy_of(kind), list(alerts)) for kind, alerts in by_kind],
        pages=PAGES,
    )


async def alert_resolved(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    alert_id = id_in(request, "alert_id", missing="There is no such alert.")
    await resolve_alert(alert_id, by=member, db=runtime.db, clock=runtime.clock)
    raise web.HTTPSeeOther("/staff/alerts")


def _kind(alert: AlertView) -> str:
    return alert.kind
