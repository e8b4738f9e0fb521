"""GET delivery-windows: when the shop delivers, and how many places are left."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.windows.reads import offered
from web.api.operation import Operation, operation
from web.api.shapes import View, answer
from web.keys import RUNTIME


class WindowView(View):
    id: UUID
    starts_at: datetime
    ends_at: datetime
    cutoff_at: Annotated[datetime, Field(description="Until when one may order for it.")]
    left: Annotated[int, Field(description="Places left; 0 means full.")]
    day_label: Annotated[str, Field(description="The day in the shop's zone.")]
    label: Annotated[str, Field(description="The hours in the shop's zone.")]


class WindowsView(View):
    windows: list[WindowView]


@operation(Operation(summary="List the delivery windows offered", ok=(200, WindowsView)))
async def list_windows(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        windows = await offered(tx, now=runtime.clock.now())
    return answer(WindowsView(windows=[WindowView.model_validate(window) for window in windows]))
