"""Saved cards. The card itself is typed into Stripe's field; what comes here is Stripe's id of it."""

from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.allowances import TooManyTries
from kalecart.payments.method import BrandNotAccepted, CardUnusable
from kalecart.payments.reads import methods_of
from kalecart.payments.save_card import CARD_TRIES, save_card
from web.api.operation import Operation, operation
from web.api.shapes import Body, View, answer
from web.identity import require_customer
from web.keys import ALLOWANCES, RUNTIME


class CardBody(Body):
    stripe_payment_method_id: Annotated[
        str, Field(pattern="^pm_[A-Za-z0-9_]{1,200}$", description="What Stripe.js made of the card.")
    ]


class CardView(View):
    id: UUID
    brand: str
    funding: str
    last4: str
    expires: Annotated[str, Field(description="MM/YYYY")]


class CardsView(View):
    payment_methods: list[CardView]


@operation(Operation(summary="List your saved cards", who="customer", ok=(200, CardsView)))
async def list_cards(request: web.Request) -> web.Response:
    customer = await require_customer(request)
    async with request.app[RUNTIME].db.snapshot() as tx:
        cards = await methods_of(tx, customer, request.app[RUNTIME].vault)
    return answer(CardsView(payment_methods=[CardView.model_validate(card) for card in cards]))


@operation(
    Operation(
        summary="Save a card: VISA, Discover, MasterCard or American Express",
        who="customer",
        body=CardBody,
        ok=(201, CardView),
        errors=(BrandNotAccepted, CardUnusable, TooManyTries),
    )
)
async def add_card(request: web.Request, *, body: CardBody) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    await request.app[ALLOWANCES].spend(CARD_TRIES, customer.bytes)
    card = await save_card(
        body.stripe_payment_method_id,
        customer_id=customer,
        db=runtime.db,
        gateway=runtime.gateway,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return answer(CardView.model_validate(card), status=201)
