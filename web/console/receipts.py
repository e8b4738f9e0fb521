"""The receipt of an order for staff: without its customer, whom the order's page shows for a purpose."""

from aiohttp import web

from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.receipts import receipt_of
from web.pages.rendering import render


async def receipt_page(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    member.require("orders:read")
    async with runtime.db.snapshot() as tx:
        facts = await receipt_of(tx, request, customer=None, vault=runtime.vault)
    demo = runtime.settings.demo
    return render("receipt.html", layout="staff/base.html", member=member, demo=demo, whom=None, **facts)
