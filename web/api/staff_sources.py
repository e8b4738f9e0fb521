"""What reached the shop without consent: hand it in, and see that it was destroyed (C4)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field, ValidationError, WithJsonSchema

from kalecart.errors import Invalid, NotFound
from kalecart.sources.destroy import ask_destroy
from kalecart.sources.reads import quarantined
from kalecart.sources.record import Received, record_source
from kalecart.sources.source import CONTENT_BYTES_MAX, Channel, SourceId
from web import refusals
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import Instant, Query, View, answer
from web.identity import require_staff
from web.keys import RUNTIME
from web.uploads import upload_of

SHOWN_MAX = 200


class SourceForm(Query):
    """A form's fields are text, whatever they mean."""

    id: Annotated[UUID, Field(description="Made by you: sending twice with the same id records it once.")]
    channel: Annotated[Channel, WithJsonSchema({"type": "string", "enum": ["mail", "letter", "file"]})]
    received_at: Instant
    sender: Annotated[str, Field(max_length=254, description="An e-mail address; empty where nobody knows.")] = ""


class SourceUpload(SourceForm):
    content: Annotated[
        Any, WithJsonSchema({"type": "string", "format": "binary", "description": "Unread; up to 5 MB."})
    ] = ""


class SourceView(View):
    """That it came and went, never what it said nor who sent it."""

    id: UUID
    channel: Channel
    received_at: datetime
    recorded_at: datetime
    size_bytes: int
    destroy_by: datetime
    destroyed_at: datetime | None
    notice: Annotated[str | None, Field(description="The state of the letter that tells the sender to stop.")]
    times: Annotated[int, Field(description="How often this sender has sent such a thing.")]


class SourcesView(View):
    sources: list[SourceView]


class RecordedView(View):
    id: UUID


@operation(
    Operation(
        summary="List what reached the shop without consent, the latest first",
        who="staff",
        right="sources:record",
        ok=(200, SourcesView),
    )
)
async def list_sources(request: web.Request) -> web.Response:
    async with request.app[RUNTIME].db.snapshot() as tx:
        lines = await quarantined(tx, most=SHOWN_MAX)
    found = [
        SourceView.model_validate(
            {name: getattr(line.source, name) for name in SourceView.model_fields if hasattr(line.source, name)}
            | {"notice": line.notice, "times": line.times}
        )
        for line in lines
    ]
    return answer(SourcesView(sources=found))


@operation(
    Operation(
        summary="Hand in what came without consent: it is sealed unread, its sender told to stop, and destroyed",
        who="staff",
        right="sources:record",
        raw=SourceUpload,
        media="multipart/form-data",
        ok=(201, RecordedView),
        errors=(Invalid, refusals.Malformed, refusals.NotJson, refusals.WrongContentType),
    )
)
async def post_source(request: web.Request) -> web.Response:
    member, runtime = await require_staff(request, "sources:record"), request.app[RUNTIME]
    sent = await upload_of(request, file="content", most=CONTENT_BYTES_MAX)
    form = _read(sent.fields)
    asked = Received(
        id=SourceId(form.id),
        channel=form.channel,
        sender=form.sender,
        received_at=form.received_at,
        content=sent.content,
    )
    recorded = await record_source(asked, by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    return answer(RecordedView(id=recorded), status=201)


@operation(
    Operation(
        summary="Destroy what came without consent now instead of on its day; only the manager",
        who="staff",
        right="sources:destroy",
        path={"source_id": PathPart(pattern=UUID_PATTERN, description="Its id.", convert=UUID)},
        ok=(202, None),
        errors=(NotFound,),
    )
)
async def delete_source(request: web.Request, *, source_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "sources:destroy"), request.app[RUNTIME]
    await ask_destroy(SourceId(source_id), by=member, db=runtime.db, clock=runtime.clock)
    return web.Response(status=202)


def _read(fields: dict[str, str]) -> SourceForm:
    try:
        return SourceForm.model_validate(fields)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        named = [{"pointer": f"/{each['loc'][0]}", "detail": f"{each['msg']}."} for each in found]
        raise refusals.Malformed(named) from None
