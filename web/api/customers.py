"""Sign up for delivery, and log in and out."""

from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.accounts.log_in import LogIn, WrongLogIn, log_in
from kalecart.accounts.log_out import log_out, log_out_everywhere
from kalecart.accounts.sign_up import EmailTaken, SignUp, sign_up
from kalecart.allowances import TooManyTries
from kalecart.customers.address import Address
from kalecart.errors import Invalid
from web.api.operation import Operation, operation
from web.api.shapes import Body, Query, ShownVersion, View, answer, nothing
from web.entrance import enter, leave, visit_of
from web.identity import customer_of
from web.keys import ALLOWANCES, COOKIES, RUNTIME
from web.signal import asks_not_to_be_counted

# Longer is refused before any rule looks at it; the rules themselves are the domain's.
Text = Annotated[str, Field(max_length=300)]


class AddressBody(Body):
    street: Text
    unit: Text = ""
    city: Text
    state: Text
    postal_code: Text


class SignUpBody(Body):
    name: Text
    email: Text
    phone: Text
    address: AddressBody
    password: Text
    payment_and_delivery: Annotated[
        bool, Field(description="Consent to what payment and delivery need; without it there is no delivery (C5).")
    ]
    improve_service: Annotated[bool, Field(description="Consent to counting purchases; optional.")] = False
    policy_version: ShownVersion | None = None


class LogInBody(Body):
    email: Text
    password: Text


class LogOutQuery(Query):
    everywhere: Annotated[bool, Field(description="Log out of every browser.")] = False


class EnteredView(View):
    customer_id: UUID


@operation(
    Operation(
        summary="Sign up for delivery; you are logged in afterwards",
        body=SignUpBody,
        ok=(201, EnteredView),
        errors=(Invalid, EmailTaken, TooManyTries),
    )
)
async def post_customer(request: web.Request, *, body: SignUpBody) -> web.Response:
    runtime = request.app[RUNTIME]
    entered = await sign_up(
        SignUp(
            **body.model_dump(exclude={"address"}),
            address=Address(**body.address.model_dump()),
            signal=asks_not_to_be_counted(request),
        ),
        visit_of(request),
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
        terms=runtime.settings.terms,
        allowances=request.app[ALLOWANCES],
    )
    return enter(request, answer(EnteredView(customer_id=entered.customer_id), status=201), entered)


@operation(
    Operation(summary="Log in", body=LogInBody, ok=(201, EnteredView), errors=(WrongLogIn, TooManyTries)),
)
async def post_session(request: web.Request, *, body: LogInBody) -> web.Response:
    runtime = request.app[RUNTIME]
    entered = await log_in(
        LogIn(email=body.email, password=body.password),
        visit_of(request),
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
        allowances=request.app[ALLOWANCES],
    )
    return enter(request, answer(EnteredView(customer_id=entered.customer_id), status=201), entered)


@operation(Operation(summary="Log out, here or everywhere", query=LogOutQuery, ok=(204, None)))
async def delete_session(request: web.Request, *, query: LogOutQuery) -> web.Response:
    runtime, cookies = request.app[RUNTIME], request.app[COOKIES]
    customer = await customer_of(request) if query.everywhere else None
    if customer is not None:
        await log_out_everywhere(customer, db=runtime.db)
    await log_out(cookies.token(request, cookies.session), db=runtime.db)
    return leave(request, nothing())
