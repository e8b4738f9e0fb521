"""Choices in the account: give and withdraw in one step each, the notice about delivery, a receipt to keep (C4, C5)."""

from aiohttp import web

from kalecart.consent.purpose import Purpose
from kalecart.consent.reads import history_of
from kalecart.consent.receipt import Receipt
from kalecart.consent.record import Choices, record_consents
from kalecart.consent.refuse import refuse_field
from kalecart.errors import Refused
from web.keys import RUNTIME
from web.pages.account import account_with, done
from web.pages.forms import form_of
from web.pages.frame import frame_of, signed_in
from web.pages.rendering import render
from web.signal import asks_not_to_be_counted


async def chosen(request: web.Request) -> web.Response:
    """Only what the page asked is decided: a switch that was not on it says nothing."""
    form = await form_of(request)
    asked = form.get("asked", "").split()
    given = {purpose: purpose.value in form for purpose in Purpose if purpose.value in asked}
    choices = Choices(
        given=given, policy_version=form.get("policy_version") or None, signal=asks_not_to_be_counted(request)
    )
    return await _recorded(request, choices)


async def agreed_again(request: web.Request) -> web.Response:
    """The one press under the notice: delivery goes on, or is back at once."""
    form = await form_of(request)
    choices = Choices(
        given={Purpose.PAYMENT_AND_DELIVERY: True},
        policy_version=form.get("policy_version") or None,
        source="notice_page",
    )
    return await _recorded(request, choices)


async def refused(request: web.Request) -> web.Response:
    customer, form, runtime = await signed_in(request), await form_of(request), request.app[RUNTIME]
    try:
        await refuse_field(
            form.get("field", ""),
            customer_id=customer,
            db=runtime.db,
            clock=runtime.clock,
            notice=runtime.settings.delivery_notice,
        )
    except Refused as refusal:
        return await account_with(request, refusal=refusal, field="choices")
    return done("consents")


async def receipt_page(request: web.Request) -> web.Response:
    return render("consent_receipt.html", frame=await frame_of(request), receipt=await _receipt(request))


async def receipt_file(request: web.Request) -> web.Response:
    headers = {"Content-Disposition": 'attachment; filename="kalecart-consents.txt"', "Cache-Control": "no-store"}
    return web.Response(text=(await _receipt(request)).text, headers=headers)


async def _recorded(request: web.Request, choices: Choices) -> web.Response:
    runtime = request.app[RUNTIME]
    await record_consents(
        choices,
        customer_id=await signed_in(request),
        db=runtime.db,
        clock=runtime.clock,
        notice=runtime.settings.delivery_notice,
    )
    return done("consents")


async def _receipt(request: web.Request) -> Receipt:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        decisions = await history_of(tx, customer)
    return Receipt(customer_id=customer, made_at=runtime.clock.now(), decisions=decisions)
