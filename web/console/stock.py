"""Stock for staff: what to restock, and what sells for which delivery windows. Goods only, and nothing to take away."""

from datetime import date, datetime
from typing import Final

from aiohttp import web

from kalecart.clock import SHOP_ZONE
from kalecart.stockroom.look import look_at_sales, look_at_shelves
from kalecart.stockroom.sales import WEEKDAYS, Hours
from kalecart.stockroom.shelf import LOW_DAYS, ORDER_FOR_DAYS, SEEN_DAYS, Standing
from kalecart.windows.window import label
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.forms import query_text
from web.pages.rendering import render

CHARTED: Final = 10
ANY_DAY: Final = date(2000, 1, 3)


async def stock_page(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    shelves = await look_at_shelves(by=member, db=runtime.db, clock=runtime.clock)
    return render(
        "staff/stock.html",
        demo=runtime.settings.demo,
        member=member,
        shelves=shelves,
        charted=[shelf for shelf in shelves if shelf.sold][:CHARTED],
        standing=Standing,
        seen_days=SEEN_DAYS,
        order_for_days=ORDER_FOR_DAYS,
        low_days=LOW_DAYS,
    )


async def sales_page(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    sku = query_text(request, "sku", most=80) or None
    weekday = _weekday(query_text(request, "weekday", most=1))
    sales = await look_at_sales(by=member, db=runtime.db, clock=runtime.clock)
    return render(
        "staff/stock_windows.html",
        demo=runtime.settings.demo,
        member=member,
        sales=sales,
        units=sales.by_window(sku),
        products=sales.by_product(weekday),
        sku=sku,
        weekday=weekday,
        weekdays=WEEKDAYS,
        seen_days=SEEN_DAYS,
        hours_words=hours_words,
        short=short,
    )


def hours_words(hours: Hours) -> str:
    """`8:00–10:00 AM`."""
    starts, ends = (datetime.combine(ANY_DAY, each, SHOP_ZONE) for each in (hours.starts, hours.ends))
    return label(starts, ends)


def short(hours: Hours) -> str:
    """`8–10`, where there is no room for more."""
    return "–".join(f"{each:%I:%M}".removesuffix(":00").lstrip("0") for each in (hours.starts, hours.ends))


def _weekday(text: str) -> int | None:
    return int(text) if text in {str(number) for number in range(1, len(WEEKDAYS) + 1)} else None
