"""What left the shop about you (C10)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field as About

from kalecart.disclosures import Field, Ground, Recipient, disclosures_of
from web.api.operation import UUID_PATTERN, Operation, operation
from web.api.shapes import Query, View, answer
from web.identity import require_customer
from web.keys import RUNTIME


class DisclosuresQuery(Query):
    limit: Annotated[int, About(ge=1, le=500)] = 100
    before: Annotated[
        str | None, About(pattern=UUID_PATTERN, description="The `id` of the last line of the page before.")
    ] = None


class DisclosureView(View):
    id: UUID
    at: datetime
    recipient: Recipient
    fields: Annotated[list[Field], About(description="The kinds of what was told, never the values.")]
    ground: Ground
    reference: Annotated[str, About(description="The id of the order, refund, letter or package it was about.")]


class DisclosuresView(View):
    disclosures: list[DisclosureView]


@operation(
    Operation(
        summary="See what left the shop about you, the latest first",
        who="customer",
        query=DisclosuresQuery,
        ok=(200, DisclosuresView),
    )
)
async def list_disclosures(request: web.Request, *, query: DisclosuresQuery) -> web.Response:
    customer, before = await require_customer(request), UUID(query.before) if query.before else None
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await disclosures_of(tx, customer, limit=query.limit, before=before)
    return answer(DisclosuresView(disclosures=[DisclosureView.model_validate(line) for line in found]))
