"""Cards on pages: Stripe's field in the browser, ids here."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from kalecart.ids import CustomerId, PaymentMethodId
from kalecart.orders.refusals import UnknownCard
from kalecart.payments.method import STRIPE_METHOD, CardUnusable
from kalecart.payments.save_card import CARD_TRIES, save_card
from web.keys import ALLOWANCES, RUNTIME


@dataclass(frozen=True, kw_only=True)
class Stripe:
    """What a page tells Stripe.js. Nothing of it is secret."""

    js_url: str
    publishable_key: str


def stripe_of(request: web.Request) -> Stripe:
    settings = request.app[RUNTIME].settings
    return Stripe(js_url=settings.stripe_js_url, publishable_key=settings.stripe_publishable_key)


async def card_of(request: web.Request, form: Mapping[str, str], customer: CustomerId) -> PaymentMethodId:
    """The saved card that was chosen, or the new one that was typed into Stripe's field, saved now."""
    chosen = form.get("card", "new")
    if chosen == "new":
        return await keep_card(request, form, customer)
    try:
        return PaymentMethodId(UUID(chosen))
    except ValueError:
        raise UnknownCard("Choose one of your saved cards or enter another.") from None


async def keep_card(request: web.Request, form: Mapping[str, str], customer: CustomerId) -> PaymentMethodId:
    runtime = request.app[RUNTIME]
    stripe_id = form.get("stripe_payment_method", "")
    if not STRIPE_METHOD.fullmatch(stripe_id):
        raise CardUnusable("Enter the card in the card field. It needs JavaScript.")
    await request.app[ALLOWANCES].spend(CARD_TRIES, customer.bytes)
    card = await save_card(
        stripe_id,
        customer_id=customer,
        db=runtime.db,
        gateway=runtime.gateway,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return card.id
