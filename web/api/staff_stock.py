"""What the shop needs to know of its goods: what to restock, what sells when, what to pick. Of people nothing."""

from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.catalogue.cells import SKU_PATTERN
from kalecart.errors import NotFound
from kalecart.ids import WindowId
from kalecart.staff.member import StaffMember
from kalecart.stockroom.look import look_at_picking, look_at_sales, look_at_shelves, look_at_windows
from kalecart.stockroom.shelf import Standing
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import Query, View, answer
from web.identity import require_staff
from web.keys import RUNTIME

WINDOW_ID = PathPart(pattern=UUID_PATTERN, description="A delivery window's id.", convert=UUID)


class ShelfView(View):
    sku: str
    name: str
    aisle: str
    on_hand: Annotated[int, Field(description="Units that nobody has ordered yet.")]
    sold: Annotated[int, Field(description="Units paid for in `days` days.")]
    days: int
    lasts_days: Annotated[float | None, Field(description="Null where none is sold.")]
    standing: Standing
    order: Annotated[int, Field(description="Units to order, so that it lasts two weeks.")]


class ShelvesView(View):
    shelves: list[ShelfView]


class SalesQuery(Query):
    sku: Annotated[str | None, Field(pattern=f"^{SKU_PATTERN}$", description="`windows` count this product only.")] = (
        None
    )
    weekday: Annotated[
        int | None, Field(ge=1, le=7, description="`products` count this day's windows only; Monday is 1.")
    ] = None


class WindowSalesView(View):
    weekday: Annotated[int, Field(description="Monday is 1.")]
    starts: time
    ends: time
    units: int


class ProductSalesView(View):
    sku: str
    name: str
    starts: time
    ends: time
    units: int


class SalesView(View):
    windows: list[WindowSalesView]
    products: list[ProductSalesView]


class BusyView(View):
    id: UUID
    starts_at: datetime
    ends_at: datetime
    orders: int
    begun: Annotated[int, Field(description="So many of them are being picked.")]
    units: int


class BusyWindowsView(View):
    windows: list[BusyView]


class GoodsView(View):
    sku: str
    name: str
    aisle: str
    units: int


class BagView(View):
    order_number: str
    begun: bool
    lines: list[GoodsView]


class PickingListView(View):
    id: UUID
    starts_at: datetime
    ends_at: datetime
    goods: Annotated[list[GoodsView], Field(description="For all orders together, as the shelves stand.")]
    bags: Annotated[list[BagView], Field(description="Order by order.")]


@operation(
    Operation(
        summary="What to restock, what will be sold out soonest first",
        who="staff",
        right="stock:plan",
        ok=(200, ShelvesView),
    )
)
async def get_stock(request: web.Request) -> web.Response:
    member, runtime = await _planner(request), request.app[RUNTIME]
    shelves = await look_at_shelves(by=member, db=runtime.db, clock=runtime.clock)
    return answer(ShelvesView(shelves=[ShelfView.model_validate(shelf) for shelf in shelves]))


@operation(
    Operation(
        summary="What sells for which delivery windows",
        who="staff",
        right="stock:plan",
        query=SalesQuery,
        ok=(200, SalesView),
    )
)
async def get_sales(request: web.Request, *, query: SalesQuery) -> web.Response:
    member, runtime = await _planner(request), request.app[RUNTIME]
    sales = await look_at_sales(by=member, db=runtime.db, clock=runtime.clock)
    windows = [
        WindowSalesView(weekday=weekday, starts=hours.starts, ends=hours.ends, units=units)
        for (weekday, hours), units in sorted(sales.by_window(query.sku).items())
    ]
    products = [
        ProductSalesView(sku=each.sku, name=each.name, starts=hours.starts, ends=hours.ends, units=units)
        for each in sales.by_product(query.weekday)
        for hours, units in sorted(each.units.items())
    ]
    return answer(SalesView(windows=windows, products=products))


@operation(
    Operation(
        summary="Delivery windows with orders to pick",
        who="staff",
        right="stock:plan",
        ok=(200, BusyWindowsView),
    )
)
async def list_picking(request: web.Request) -> web.Response:
    member, runtime = await _planner(request), request.app[RUNTIME]
    windows = await look_at_windows(by=member, db=runtime.db, clock=runtime.clock)
    return answer(BusyWindowsView(windows=[BusyView.model_validate(window) for window in windows]))


@operation(
    Operation(
        summary="What to pick for one delivery window, product by product and order by order",
        who="staff",
        right="stock:plan",
        path={"window_id": WINDOW_ID},
        ok=(200, PickingListView),
        errors=(NotFound,),
    )
)
async def get_picking(request: web.Request, *, window_id: UUID) -> web.Response:
    member, runtime = await _planner(request), request.app[RUNTIME]
    found = await look_at_picking(WindowId(window_id), by=member, db=runtime.db, clock=runtime.clock)
    return answer(PickingListView.model_validate(found))


async def _planner(request: web.Request) -> StaffMember:
    return await require_staff(request, "stock:plan")
