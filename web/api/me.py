"""What the shop knows about you."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.accounts.amend import Amendment, amend
from kalecart.accounts.change_password import NewPassword, PasswordMovedOn, change_password
from kalecart.accounts.sign_up import EmailTaken
from kalecart.allowances import TooManyTries
from kalecart.customers.address import Address
from kalecart.customers.reads import profile
from kalecart.errors import Invalid
from web.api.customers import AddressBody, Text
from web.api.operation import Operation, operation
from web.api.shapes import Body, View, answer, nothing
from web.entrance import enter, visit_of
from web.identity import require_customer
from web.keys import ALLOWANCES, RUNTIME


class AmendBody(Body):
    """What is left out stays as it is."""

    name: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    address: AddressBody | None = None
    password: Annotated[Text, Field(description="Needed to change the e-mail address.")] = ""


class PasswordBody(Body):
    current_password: Text
    new_password: Text


class AddressView(View):
    street: str
    unit: str
    city: str
    state: str
    postal_code: str


class ProfileView(View):
    customer_id: UUID
    name: str
    email: str
    phone: str
    address: AddressView
    signed_up_at: datetime


@operation(Operation(summary="Read your details", who="customer", ok=(200, ProfileView)))
async def get_me(request: web.Request) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        return answer(ProfileView.model_validate(await profile(tx, customer, runtime.vault)))


@operation(
    Operation(
        summary="Correct your details",
        who="customer",
        body=AmendBody,
        ok=(200, ProfileView),
        errors=(Invalid, EmailTaken, TooManyTries),
    )
)
async def patch_me(request: web.Request, *, body: AmendBody) -> web.Response:
    runtime = request.app[RUNTIME]
    address = Address(**body.address.model_dump()) if body.address else None
    after = await amend(
        Amendment(**body.model_dump(exclude={"address"}), address=address),
        customer_id=await require_customer(request),
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
        terms=runtime.settings.terms,
        allowances=request.app[ALLOWANCES],
    )
    return answer(ProfileView.model_validate(after))


@operation(
    Operation(
        summary="Change your password; every other browser is logged out",
        who="customer",
        body=PasswordBody,
        ok=(204, None),
        errors=(Invalid, PasswordMovedOn, TooManyTries),
    )
)
async def put_password(request: web.Request, *, body: PasswordBody) -> web.Response:
    runtime = request.app[RUNTIME]
    entered = await change_password(
        NewPassword(**body.model_dump()),
        visit_of(request),
        customer_id=await require_customer(request),
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
        allowances=request.app[ALLOWANCES],
    )
    return enter(request, nothing(), entered)
