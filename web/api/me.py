"""What the shop knows about you."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.accounts.amend import Amendment, amend
from kalecart.accounts.change_password import NewPassword, PasswordMovedOn, change_password
from kalecart.accounts.sign_up import EmailTaken
from kalecart.accounts.still_right import confirm_details
from kalecart.allowances import TooManyTries
from kalecart.customers.address import Address
from kalecart.customers.correction import CheckWhy, Outcome, Place, questions
from kalecart.customers.reads import corrections_of, open_checks, profile
from kalecart.errors import Invalid, NotFound
from kalecart.ids import OrderId
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
    orders: Annotated[
        list[UUID] | None,
        Field(max_length=50, description="Orders to bring to the new address, where nobody packs them yet."),
    ] = None


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
    last_confirmed_at: Annotated[datetime, Field(description="When you last said that all of this is right.")]


class EffectView(View):
    place: Place
    outcome: Outcome
    order_id: UUID | None


class CorrectionView(View):
    field: str
    before: Annotated[str, Field(description="What it said before; an address as JSON.")]
    changed_at: datetime
    effects: list[EffectView]


class CorrectionsView(View):
    corrections: list[CorrectionView]
    asked: Annotated[list[CheckWhy], Field(description="Why you are asked whether your details are still right.")]


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
        errors=(Invalid, NotFound, EmailTaken, TooManyTries),
    )
)
async def patch_me(request: web.Request, *, body: AmendBody) -> web.Response:
    runtime = request.app[RUNTIME]
    address = Address(**body.address.model_dump()) if body.address else None
    after = await amend(
        Amendment(
            **body.model_dump(exclude={"address", "orders"}),
            address=address,
            orders=tuple(OrderId(order) for order in body.orders or ()),
        ),
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


@operation(Operation(summary="Say that your details are still right", who="customer", ok=(204, None)))
async def post_confirmation(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    await confirm_details(await require_customer(request), db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(
    Operation(summary="Read what you corrected, and where it went", who="customer", ok=(200, CorrectionsView)),
)
async def get_corrections(request: web.Request) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        known = await profile(tx, customer, runtime.vault)
        past = await corrections_of(tx, customer, runtime.vault)
        standing = await open_checks(tx, customer)
    asked = questions(standing, last_confirmed_at=known.last_confirmed_at, now=runtime.clock.now())
    corrections = [
        CorrectionView(
            field=each.field,
            before=each.text,
            changed_at=each.changed_at,
            effects=[EffectView.model_validate(effect) for effect in each.effects],
        )
        for each in past
    ]
    return answer(CorrectionsView(corrections=corrections, asked=asked))
