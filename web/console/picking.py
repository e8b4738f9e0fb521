"""Picking for staff: choose a delivery window, then what to fetch from the shelves and which bag it goes into."""

from aiohttp import web

from kalecart.ids import WindowId
from kalecart.stockroom.look import look_at_picking, look_at_windows
from kalecart.windows.window import label
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.rendering import render
from web.parse import id_in


async def windows_page(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    windows = await look_at_windows(by=member, db=runtime.db, clock=runtime.clock)
    demo, now = runtime.settings.demo, runtime.clock.now()
    return render("staff/picking.html", demo=demo, member=member, windows=windows, label=label, now=now)


async def picking_page(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    picking = await look_at_picking(_window_id(request), by=member, db=runtime.db, clock=runtime.clock)
    demo = runtime.settings.demo
    return render("staff/picking_list.html", demo=demo, member=member, picking=picking, label=label)


def _window_id(request: web.Request) -> WindowId:
    return WindowId(id_in(request, "window_id", missing="There is no such delivery window."))
