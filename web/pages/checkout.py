"""The checkout: one page to look at, change and pay; a refusal shows it again, with what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from uuid import UUID

from aiohttp import web

from kalecart.carts.cart import Cart
from kalecart.carts.fill import set_line
from kalecart.chance import new_token
from kalecart.clock import shop_date
from kalecart.customers import reads as customers
from kalecart.errors import KaleCartError, Refused, Unavailable
from kalecart.ids import CustomerId, OrderId, PaymentMethodId, WindowId, new_id
from kalecart.orders.order import PlaceOrder
from kalecart.orders.place import place_order
from kalecart.orders.refusals import EmptyCart, KeyReused, UnknownWindow
from kalecart.payments.method import PaymentMethodView
from kalecart.payments.reads import methods_of
from kalecart.windows import reads as windows
from kalecart.windows.window import WindowOffer
from web.headers import CARD_FIELD
from web.keys import COOKIES, RUNTIME
from web.pages.cards import card_of, stripe_of
from web.pages.forms import form_of
from web.pages.frame import Frame, frame_of, signed_in
from web.pages.people import WHY
from web.pages.refusal import refusal_of
from web.pages.rendering import render
from web.problems import status_of

NUMBER_DIGITS_MAX: Final = 9
KEY_LENGTH_MAX: Final = 200


@dataclass(frozen=True, kw_only=True)
class Day:
    """The windows of one day, and whether the one that was chosen is among them."""

    label: str
    windows: Sequence[WindowOffer]
    free: int
    chosen: bool


async def checkout_page(request: web.Request) -> web.Response:
    await signed_in(request)
    return await _page(request, {})


async def paid(request: web.Request) -> web.Response:
    """Place the order. The same form sent twice is the same order, because its key is (E1, E4)."""
    customer, form = await signed_in(request), await form_of(request)
    card: PaymentMethodId | None = None
    try:
        card = await card_of(request, form, customer)
        order_id = await _place(request, form, customer, card)
    except EmptyCart:
        raise web.HTTPSeeOther("/cart") from None
    except (Refused, Unavailable) as refusal:
        kept = form | ({"card": str(card)} if card else {})
        return await _page(request, kept, refusal=refusal)
    raise web.HTTPSeeOther(f"/orders/{order_id}")


async def cart_fitted(request: web.Request) -> web.Response:
    """Take out of the cart what others were faster to buy (E14), and come back."""
    await signed_in(request)
    frame = await frame_of(request)
    runtime, cookies = request.app[RUNTIME], request.app[COOKIES]
    token = cookies.token(request, cookies.cart)
    for sku, left in _too_much(frame.cart):
        await set_line(sku, left, token=token, expected_version=None, db=runtime.db, now=runtime.clock.now())
    raise web.HTTPSeeOther("/checkout")


def _too_much(cart: Cart | None) -> Sequence[tuple[str, int]]:
    lines = cart.lines if cart else ()
    return [
        (line.sku, line.on_hand if line.active else 0)
        for line in lines
        if not line.active or line.on_hand < line.quantity
    ]


async def _place(request: web.Request, form: Mapping[str, str], customer: CustomerId, card: PaymentMethodId) -> OrderId:
    runtime, cookies = request.app[RUNTIME], request.app[COOKIES]
    order = await place_order(
        PlaceOrder(
            order_id=OrderId(new_id()),
            customer_id=customer,
            cart_token=cookies.token(request, cookies.cart),
            cart_version=_number(form, "cart_version"),
            expected_total_cents=_number(form, "total_cents"),
            window_id=_window(form),
            payment_method_id=card,
            idempotency_key=form.get("key", "")[:KEY_LENGTH_MAX] or new_token(),
        ),
        db=runtime.db,
        clock=runtime.clock,
        dispatcher=runtime.dispatcher,
        terms=runtime.settings.terms,
    )
    return order.id


async def _page(request: web.Request, form: Mapping[str, str], *, refusal: KaleCartError | None = None) -> web.Response:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    frame = await frame_of(request)
    if _not_ready(frame) and refusal is None:
        raise web.HTTPSeeOther("/cart")
    async with runtime.db.snapshot() as tx:
        profile = await customers.profile(tx, customer, runtime.vault)
        cards = await methods_of(tx, customer, runtime.vault)
        offers = await windows.offered(tx, now=runtime.clock.now())
    chosen = _chosen_window(form, offers)
    response = render(
        "checkout.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=frame,
        refusal=refusal_of(refusal, form, frame.cart) if refusal else None,
        key=new_token() if isinstance(refusal, KeyReused) else form.get("key") or new_token(),
        profile=profile,
        days=_days(offers, chosen),
        chosen_window=chosen,
        cards=cards,
        chosen_card=_chosen_card(form, cards),
        today=shop_date(runtime.clock.now()),
        stripe=stripe_of(request),
        why=WHY,
        problems={},
    )
    response[CARD_FIELD] = True
    return response


def _not_ready(frame: Frame) -> bool:
    """Whether the cart page has to be seen first: it says why."""
    empty = frame.cart is None or not frame.cart.lines
    return empty or frame.obstructed or frame.quote.short_of_minimum_cents > 0


def _days(offers: Sequence[WindowOffer], chosen: str) -> Sequence[Day]:
    by_day = [(label, list(day)) for label, day in groupby(offers, key=lambda offer: offer.day_label)]
    return [
        Day(
            label=label,
            windows=day,
            free=sum(offer.left > 0 for offer in day),
            chosen=any(str(offer.id) == chosen for offer in day),
        )
        for label, day in by_day
    ]


def _chosen_window(form: Mapping[str, str], offers: Sequence[WindowOffer]) -> str:
    """The one that was chosen while there is a place in it, else the next with one."""
    free = [str(offer.id) for offer in offers if offer.left > 0]
    wanted = form.get("window", "")
    return wanted if wanted in free else next(iter(free), "")


def _chosen_card(form: Mapping[str, str], cards: Sequence[PaymentMethodView]) -> str:
    known = [str(card.id) for card in cards if card.usable]
    wanted = form.get("card", "")
    return wanted if wanted in {*known, "new"} else next(iter(known), "new")


def _number(form: Mapping[str, str], name: str) -> int:
    """A number this page wrote; anything else is no cart's version and no order's total."""
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_MAX else 0


def _window(form: Mapping[str, str]) -> WindowId:
    try:
        return WindowId(UUID(form.get("window", "")))
    except ValueError:
        raise UnknownWindow("Choose one of the delivery windows offered.") from None
