"""The cart behind the cookie (C2). A guest's as well as a customer's."""

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from kalecart.carts.cart import QUANTITY_MAX, Cart, StaleCart
from kalecart.carts.fill import set_line
from kalecart.carts.quote import quote
from kalecart.carts.reads import cart_of
from kalecart.errors import Invalid
from kalecart.terms import Terms
from web.api.operation import SKU, Operation, operation
from web.api.shapes import INTEGER_MAX, Body, Query, View, Whole, answer
from web.identity import visitor_hash_of
from web.keys import COOKIES, RUNTIME

VERSION: Final = Field(ge=1, le=INTEGER_MAX, description="The cart's version you look at; refused if it moved on.")


class LineBody(Body):
    quantity: Annotated[Whole, Field(ge=1, le=QUANTITY_MAX, description="How many in all, not how many more.")]
    version: Annotated[Whole | None, VERSION] = None


class LineQuery(Query):
    version: Annotated[int | None, VERSION] = None


class CartLineView(View):
    sku: str
    name: str
    size: Annotated[str, Field(description="What one of it is, such as `1 lb`.")]
    picture: str
    quantity: int
    price_cents: Annotated[int, Field(description="What one costs now.")]
    shown_cents: Annotated[int, Field(description="What one cost when it was put into the cart.")]
    amount_cents: int
    on_hand: int
    active: Annotated[bool, Field(description="False where we no longer sell it.")]


class QuoteView(View):
    goods_cents: int
    delivery_cents: int
    tax_cents: int
    total_cents: Annotated[int, Field(description="Send this with the order.")]
    minimum_cents: int
    short_of_minimum_cents: int
    short_of_free_delivery_cents: int


class CartView(View):
    version: Annotated[int, Field(description="Grows with every change; 0 while there is no cart.")]
    units: int
    lines: list[CartLineView]
    quote: QuoteView


def cart_view(cart: Cart | None, terms: Terms) -> CartView:
    lines = cart.lines if cart else ()
    return CartView(
        version=cart.version if cart else 0,
        units=cart.units if cart else 0,
        lines=[CartLineView.model_validate(line) for line in lines],
        quote=QuoteView.model_validate(quote(lines, terms)),
    )


def stale_cart_facts(error: StaleCart, request: web.Request) -> dict[str, Any]:
    """With the refusal comes the cart as it is now (E5)."""
    return {"cart": cart_view(error.cart, request.app[RUNTIME].settings.terms)}


@operation(Operation(summary="Look into the cart", ok=(200, CartView)))
async def get_cart(request: web.Request) -> web.Response:
    runtime, cookies = request.app[RUNTIME], request.app[COOKIES]
    async with runtime.db.direct() as pg:
        cart = await cart_of(pg, cookies.token(request, cookies.cart), now=runtime.clock.now())
    return answer(cart_view(cart, runtime.settings.terms))


@operation(
    Operation(
        summary="Put so many of a product into the cart",
        path={"sku": SKU},
        body=LineBody,
        ok=(200, CartView),
        errors=(Invalid, StaleCart),
    )
)
async def put_line(request: web.Request, *, sku: str, body: LineBody) -> web.Response:
    return await _set(request, sku, body.quantity, body.version)


@operation(
    Operation(
        summary="Take a product out of the cart",
        path={"sku": SKU},
        query=LineQuery,
        ok=(200, CartView),
        errors=(Invalid, StaleCart),
    )
)
async def delete_line(request: web.Request, *, sku: str, query: LineQuery) -> web.Response:
    return await _set(request, sku, 0, query.version)


async def _set(request: web.Request, sku: str, quantity: int, version: int | None) -> web.Response:
    runtime, cookies = request.app[RUNTIME], request.app[COOKIES]
    token = cookies.token(request, cookies.cart)
    filled = await set_line(
        sku,
        quantity,
        token=token,
        expected_version=version,
        db=runtime.db,
        now=runtime.clock.now(),
        session_hash=visitor_hash_of(request),
    )
    response = answer(cart_view(filled.cart, runtime.settings.terms))
    if filled.token and filled.token != token:
        cookies.set(response, cookies.cart, filled.token)
    return response
