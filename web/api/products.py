"""GET products: the shelves, a search, one product."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from kalecart.catalogue import reads
from kalecart.catalogue.product import ProductCard, TaxCategory
from kalecart.errors import NotFound
from web.api.operation import SKU, Operation, operation
from web.api.shapes import LINE_PATTERN, Query, View, answer
from web.keys import RUNTIME


class ProductQuery(Query):
    q: Annotated[str, Field(max_length=100, pattern=LINE_PATTERN, description="Words, as far as typed.")] = ""
    aisle: Annotated[str | None, Field(max_length=100, pattern=LINE_PATTERN, description="Only this aisle.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[int, Field(ge=0, le=10_000, description="`next_cursor` of the page before.")] = 0


class ProductView(View):
    sku: str
    name: str
    aisle: str
    description: str
    price_cents: int
    size: Annotated[str, Field(description="What one of it is, such as `1 lb`.")]
    unit_price: Annotated[str, Field(description="For comparing, such as `$3.49/lb`.")]
    tax_category: TaxCategory
    picture: Annotated[str, Field(description="Where its picture is.")]
    available: Annotated[int, Field(description="How many can be bought now.")]


class ProductsView(View):
    products: list[ProductView]
    next_cursor: int | None
    did_you_mean: str | None = None


def product_view(card: ProductCard) -> ProductView:
    return ProductView(
        sku=card.sku,
        name=card.name,
        aisle=card.aisle,
        description=card.description,
        price_cents=card.price_cents,
        size=card.size,
        unit_price=card.unit_price,
        tax_category=card.tax_category,
        picture=f"/pictures/{card.picture}",
        available=card.buyable,
    )


@operation(
    Operation(summary="Browse the shelves or search them", query=ProductQuery, ok=(200, ProductsView)),
)
async def list_products(request: web.Request, *, query: ProductQuery) -> web.Response:
    end = query.cursor + query.limit
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await reads.search(tx, query.q, query.aisle, limit=end + 1)
        meant = await reads.did_you_mean(tx, query.q) if query.q and not found else None
    page = [product_view(card) for card in found[query.cursor : end]]
    return answer(ProductsView(products=page, next_cursor=end if len(found) > end else None, did_you_mean=meant))


@operation(
    Operation(summary="Look at one product", path={"sku": SKU}, ok=(200, ProductView), errors=(NotFound,)),
)
async def get_product(request: web.Request, *, sku: str) -> web.Response:
    async with request.app[RUNTIME].db.snapshot() as tx:
        card = await reads.product(tx, sku)
    if card is None or not card.active:
        raise NotFound("We do not sell this product.")
    return answer(product_view(card))
