"""Bank accounts of signed-up customers, by their permission; the numbers themselves go to Stripe alone (C1)."""

from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.allowances import TooManyTries
from kalecart.clock import shop_date
from kalecart.errors import Invalid, NotFound
from kalecart.ids import PaymentMethodId
from kalecart.payments.bank_account import (
    MANDATE_SHA256,
    MANDATE_WORDS,
    AccountUnusable,
    BankAccountNotAllowed,
    Proof,
    WrongDeposit,
)
from kalecart.payments.method import STRIPE_METHOD
from kalecart.payments.reads_standing import standing_of
from kalecart.payments.save_account import save_account
from kalecart.payments.save_card import CARD_TRIES
from kalecart.payments.verify_account import verify_account
from web.api.operation import Operation, operation
from web.api.payment_methods import METHOD_ID, MethodView, method_view
from web.api.shapes import LINE_PATTERN, Body, View, answer, nothing
from web.bank_counter import acceptance_of, counter_of
from web.identity import require_customer
from web.keys import ALLOWANCES, RUNTIME


class MandateView(View):
    words: Annotated[str, Field(description="What the owner of the account agrees to. Show it before you ask.")]
    sha256: Annotated[str, Field(description="Send it back: it says which words were agreed to.")]
    allowed: Annotated[bool, Field(description="Whether your payment record lets a bank account be charged.")]
    why_not: Annotated[str | None, Field(description="What is in the way and until when, in words.")]


class AccountBody(Body):
    stripe_payment_method_id: Annotated[
        str, Field(pattern=f"^{STRIPE_METHOD.pattern}$", description="What Stripe made of the account.")
    ]
    mandate_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Of the words that were shown.")]
    agreed: Annotated[Literal[True], Field(description="That the owner of the account agreed to them.")]


class DepositBody(Body):
    deposit: Annotated[
        str, Field(max_length=40, pattern=LINE_PATTERN, description="`SM11AA`, or the cents of two: `32 45`.")
    ]


@operation(Operation(summary="Read what a bank account's owner agrees to", who="customer", ok=(200, MandateView)))
async def get_mandate(request: web.Request) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        standing = await standing_of(tx, customer, now=runtime.clock.now())
    shown = {"words": MANDATE_WORDS, "sha256": MANDATE_SHA256.hex()}
    return answer(MandateView(**shown, allowed=standing.allowed, why_not=standing.words))


@operation(
    Operation(
        summary="Save a US bank account, for customers whose payment record allows it",
        who="customer",
        body=AccountBody,
        ok=(201, MethodView),
        errors=(BankAccountNotAllowed, AccountUnusable, TooManyTries, Invalid),
    )
)
async def add_account(request: web.Request, *, body: AccountBody) -> web.Response:
    customer = await require_customer(request)
    await request.app[ALLOWANCES].spend(CARD_TRIES, customer.bytes)
    at, accepted = counter_of(request, customer), acceptance_of(request, body.mandate_sha256)
    account = await save_account(body.stripe_payment_method_id, accepted, at)
    return answer(method_view(account, shop_date(at.clock.now())), status=201)


@operation(
    Operation(
        summary="Confirm a bank account by the small deposit that was sent to it",
        who="customer",
        path={"method_id": METHOD_ID},
        body=DepositBody,
        ok=(204, None),
        errors=(NotFound, WrongDeposit, AccountUnusable, Invalid, TooManyTries),
    )
)
async def post_verification(request: web.Request, *, method_id: UUID, body: DepositBody) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    await request.app[ALLOWANCES].spend(CARD_TRIES, customer.bytes)
    await verify_account(
        PaymentMethodId(method_id),
        Proof.parse(body.deposit),
        customer_id=customer,
        db=runtime.db,
        gateway=runtime.gateway,
        clock=runtime.clock,
    )
    return nothing()
