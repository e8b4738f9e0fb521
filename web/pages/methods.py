"""What a customer does with the cards and bank accounts they saved."""

from aiohttp import web

from kalecart.errors import Refused
from kalecart.ids import PaymentMethodId
from kalecart.payments.make_default import make_default
from kalecart.payments.remove_method import remove_method
from web.keys import RUNTIME
from web.pages.account import account_with, done
from web.pages.frame import signed_in
from web.parse import id_in


async def offered_first(request: web.Request) -> web.Response:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    try:
        await make_default(method_id_in(request), customer_id=customer, db=runtime.db, clock=runtime.clock)
    except Refused as refusal:
        return await account_with(request, refusal=refusal, field="cards")
    return done("default")


async def removed(request: web.Request) -> web.Response:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    try:
        await remove_method(
            method_id_in(request),
            customer_id=customer,
            db=runtime.db,
            clock=runtime.clock,
            dispatcher=runtime.dispatcher,
        )
    except Refused as refusal:
        return await account_with(request, refusal=refusal, field="cards")
    return done("removed")


def method_id_in(request: web.Request) -> PaymentMethodId:
    return PaymentMethodId(id_in(request, "method_id", missing="You have no such payment method."))
