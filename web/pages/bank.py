"""Adding a bank account: its numbers are typed into Stripe's dialog, the permission is given here (C1)."""

import re
from typing import Final

from aiohttp import web

from kalecart.customers import reads as customers
from kalecart.errors import Invalid, KaleCartError, NotFound, Refused, Unavailable
from kalecart.payments.bank_account import MANDATE_SHA256, MANDATE_WORDS, BankAccountNotAllowed, Proof
from kalecart.payments.save_account import begin_account, finish_account, setup_of
from kalecart.payments.save_card import CARD_TRIES
from kalecart.payments.verify_account import verify_account
from web.bank_counter import acceptance_of, counter_of
from web.headers import CARD_FIELD
from web.keys import ALLOWANCES, RUNTIME
from web.pages.account import account_with, done
from web.pages.cards import stripe_of
from web.pages.forms import form_of
from web.pages.frame import frame_of, signed_in
from web.pages.methods import method_id_in
from web.pages.people import problems_in
from web.pages.rendering import render
from web.problems import status_of

SETUP: Final = re.compile(r"seti_[A-Za-z0-9_]{1,200}")


async def begun(request: web.Request) -> web.Response:
    customer = await signed_in(request)
    try:
        await request.app[ALLOWANCES].spend(CARD_TRIES, customer.bytes)
        setup = await begin_account(counter_of(request, customer))
    except (Refused, Unavailable) as refusal:
        return await account_with(request, refusal=refusal, field="bank")
    return web.Response(status=303, headers={"Location": f"/account/bank/{setup.stripe_id}"})


async def bank_page(request: web.Request) -> web.Response:
    return await _page(request)


async def finished(request: web.Request) -> web.Response:
    customer, form = await signed_in(request), await form_of(request)
    accepted = acceptance_of(request, form.get("mandate_sha256", ""))
    try:
        if "agreed" not in form:
            raise Invalid({"/agreed": "We may debit an account only with its owner's permission."})
        account = await finish_account(_setup_id(request), accepted, counter_of(request, customer))
    except BankAccountNotAllowed as refusal:
        return await account_with(request, refusal=refusal, field="bank")
    except (Refused, Unavailable) as refusal:
        return await _page(request, refusal=refusal)
    return done("bank" if account.verified else "deposit")


async def confirmed(request: web.Request) -> web.Response:
    """What the customer read in the account's statement."""
    customer, form, runtime = await signed_in(request), await form_of(request), request.app[RUNTIME]
    try:
        await request.app[ALLOWANCES].spend(CARD_TRIES, customer.bytes)
        await verify_account(
            method_id_in(request),
            Proof.parse(form.get("deposit", "")[:40]),
            customer_id=customer,
            db=runtime.db,
            gateway=runtime.gateway,
            clock=runtime.clock,
        )
    except (Refused, Unavailable) as refusal:
        return await account_with(request, refusal=refusal, field="cards")
    return done("confirmed")


async def _page(request: web.Request, *, refusal: KaleCartError | None = None) -> web.Response:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    setup = await setup_of(_setup_id(request), counter_of(request, customer))
    async with runtime.db.snapshot() as tx:
        profile = await customers.profile(tx, customer, runtime.vault)
    response = render(
        "bank.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        setup=setup,
        name=profile.name,
        words=MANDATE_WORDS,
        words_sha256=MANDATE_SHA256.hex(),
        problems=problems_in(refusal, "bank"),
        stripe=stripe_of(request),
    )
    response[CARD_FIELD] = True
    return response


def _setup_id(request: web.Request) -> str:
    setup_id = request.match_info["setup_id"]
    if not SETUP.fullmatch(setup_id):
        raise NotFound("There is no such account being added.")
    return setup_id
