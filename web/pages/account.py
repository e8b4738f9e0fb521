"""The account: details kept right (C7), cards, choices with their history, password, who looked (C8)."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from aiohttp import web

from kalecart.accounts.amend import Amendment, amend
from kalecart.accounts.change_password import NewPassword, change_password
from kalecart.clock import shop_date
from kalecart.customers import reads as customers
from kalecart.customers.profile import Profile
from kalecart.errors import KaleCartError, Refused, Unavailable
from kalecart.payments.reads import methods_of
from kalecart.payments.reads_standing import standing_of
from kalecart.staff.reads import views_of
from kalecart.staff.view import ViewPurpose
from web.entrance import enter, visit_of
from web.headers import CARD_FIELD
from web.keys import ALLOWANCES, RUNTIME
from web.pages.cards import keep_card, stripe_of
from web.pages.choices import choices_of
from web.pages.correctness import correctness_of, orders_in
from web.pages.forms import form_of, query_text
from web.pages.frame import frame_of, signed_in
from web.pages.people import WHY, address_in, kept, policy_in_force, problems_in
from web.pages.rendering import render
from web.problems import status_of

DONE = {
    "details": "Your details are saved.",
    "right": "Thank you. It is noted that your details are right.",
    "password": "Your password is changed. Every other browser is logged out.",
    "consents": "Your choices are saved.",
    "cards": "The card is saved.",
    "bank": "The bank account is saved.",
    "deposit": "The bank account is saved. We send a small deposit to it within 2 business days: confirm it here.",
    "confirmed": "The bank account is confirmed.",
    "default": "Checkouts offer it first now.",
    "removed": "It is removed and will not be charged again. Nothing changes at your bank.",
}

VIEWS_SHOWN_MAX: Final = 20


async def account_page(request: web.Request) -> web.Response:
    return await account_with(request, said=DONE.get(query_text(request, "done", most=20)))


async def details_saved(request: web.Request) -> web.Response:
    customer, form = await signed_in(request), await form_of(request)
    runtime = request.app[RUNTIME]
    try:
        await amend(
            Amendment(
                name=form.get("name", ""),
                email=form.get("email", ""),
                phone=form.get("phone", ""),
                address=address_in(form),
                password=form.get("details_password", ""),
                orders=orders_in(form),
            ),
            customer_id=customer,
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            terms=runtime.settings.terms,
            allowances=request.app[ALLOWANCES],
        )
    except Refused as refusal:
        return await account_with(request, form, refusal=refusal, field="email")
    return done("details")


async def password_changed(request: web.Request) -> web.Response:
    customer, form = await signed_in(request), await form_of(request)
    runtime = request.app[RUNTIME]
    asked = NewPassword(current_password=form.get("current_password", ""), new_password=form.get("new_password", ""))
    try:
        entered = await change_password(
            asked,
            visit_of(request),
            customer_id=customer,
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except Refused as refusal:
        return await account_with(request, refusal=refusal, field="current_password")
    return enter(request, done("password"), entered)


async def card_added(request: web.Request) -> web.Response:
    customer, form = await signed_in(request), await form_of(request)
    try:
        await keep_card(request, form, customer)
    except (Refused, Unavailable) as refusal:
        return await account_with(request, refusal=refusal, field="card-field")
    return done("cards")


def done(what: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"/account?done={what}"})


async def account_with(
    request: web.Request,
    form: Mapping[str, str] | None = None,
    *,
    refusal: KaleCartError | None = None,
    field: str = "",
    said: str | None = None,
) -> web.Response:
    """The page, with what was done, or what is wrong with what was asked."""
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    now = runtime.clock.now()
    async with runtime.db.snapshot() as tx:
        profile = await customers.profile(tx, customer, runtime.vault)
        methods = await methods_of(tx, customer, runtime.vault)
        standing = await standing_of(tx, customer, now=now)
        choices = await choices_of(request, tx, customer)
        correctness = await correctness_of(request, tx, customer, profile)
        views = await views_of(tx, customer, limit=VIEWS_SHOWN_MAX)
    response = render(
        "account.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        values=kept(form) if form else _values(profile),
        problems=problems_in(refusal, field, {"/password": "details_password"}),
        done=said,
        why=WHY,
        methods=methods,
        standing=standing,
        today=shop_date(now),
        **choices,
        **correctness,
        views=views,
        purposes={purpose.value: purpose.label for purpose in ViewPurpose},
        policy_version=await policy_in_force(request),
        stripe=stripe_of(request),
    )
    response[CARD_FIELD] = True
    return response


def _values(profile: Profile) -> dict[str, str]:
    return {
        "name": profile.name,
        "email": profile.email,
        "phone": profile.phone_label,
        **asdict(profile.address),
    }
