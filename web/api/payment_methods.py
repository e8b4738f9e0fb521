"""Saved cards and bank accounts. A card itself is typed into Stripe's field; what comes here is Stripe's id of it."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.allowances import TooManyTries
from kalecart.clock import shop_date
from kalecart.errors import NotFound
from kalecart.ids import PaymentMethodId
from kalecart.payments.make_default import make_default
from kalecart.payments.method import (
    STRIPE_METHOD,
    BrandNotAccepted,
    CardUnusable,
    MethodInUse,
    NotConfirmed,
    PaymentMethodView,
)
from kalecart.payments.reads import methods_of
from kalecart.payments.remove_method import remove_method
from kalecart.payments.save_card import CARD_TRIES, save_card
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import Body, View, answer, nothing
from web.identity import require_customer
from web.keys import ALLOWANCES, RUNTIME

METHOD_ID: Final = PathPart(pattern=UUID_PATTERN, description="A payment method's id.", convert=UUID)


class CardBody(Body):
    stripe_payment_method_id: Annotated[
        str, Field(pattern=f"^{STRIPE_METHOD.pattern}$", description="What Stripe.js made of the card.")
    ]


class MethodView(View):
    id: UUID
    kind: Annotated[str, Field(description="card or bank")]
    brand: Annotated[str | None, Field(description="Of a card: visa, mastercard, amex or discover.")]
    funding: str | None
    bank: Annotated[str | None, Field(description="Of a bank account: the name of the bank.")]
    last4: str
    expires: Annotated[str | None, Field(description="Of a card: MM/YYYY")]
    default: Annotated[bool, Field(description="Whether a checkout offers it first.")]
    usable: Annotated[bool, Field(description="Whether an order may name it.")]
    heed: Annotated[str | None, Field(description="What to know before choosing it, in words.")]


class MethodsView(View):
    payment_methods: list[MethodView]


def method_view(method: PaymentMethodView, today: date) -> MethodView:
    same = ("id", "kind", "brand", "funding", "bank", "last4", "expires", "default", "usable")
    return MethodView(**{name: getattr(method, name) for name in same}, heed=method.heed(today))


@operation(Operation(summary="List your saved cards and bank accounts", who="customer", ok=(200, MethodsView)))
async def list_methods(request: web.Request) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        methods = await methods_of(tx, customer, runtime.vault)
    today = shop_date(runtime.clock.now())
    return answer(MethodsView(payment_methods=[method_view(method, today) for method in methods]))


@operation(
    Operation(
        summary="Save a card: VISA, Discover, MasterCard or American Express",
        who="customer",
        body=CardBody,
        ok=(201, MethodView),
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
    return answer(method_view(card, shop_date(runtime.clock.now())), status=201)


@operation(
    Operation(
        summary="Let checkouts offer this first",
        who="customer",
        path={"method_id": METHOD_ID},
        ok=(204, None),
        errors=(NotFound, NotConfirmed),
    )
)
async def put_default(request: web.Request, *, method_id: UUID) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    await make_default(PaymentMethodId(method_id), customer_id=customer, db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(
    Operation(
        summary="Remove a card or bank account: it is never charged again",
        who="customer",
        path={"method_id": METHOD_ID},
        ok=(204, None),
        errors=(NotFound, MethodInUse),
    )
)
async def delete_method(request: web.Request, *, method_id: UUID) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    await remove_method(
        PaymentMethodId(method_id),
        customer_id=customer,
        db=runtime.db,
        clock=runtime.clock,
        dispatcher=runtime.dispatcher,
    )
    return nothing()
