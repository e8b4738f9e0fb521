"""How each promise of the policy is kept, as programs read it: what the public page shows (C9)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from aiohttp import web

from kalecart.openness.promises import Part, promises
from web.api.operation import Operation, operation
from web.api.shapes import View, answer
from web.evidence import EVIDENCE, Seen


class PartView(View):
    kind: Literal["words", "code", "address"]
    text: str


class ControlView(View):
    name: str
    words: str
    state: Literal["kept", "broken", "overdue", "waiting"]
    ran_at: datetime | None


class FigureView(View):
    """What counts people is rounded down."""

    words: str
    value: str
    wrong: bool


class PromiseView(View):
    clause: str
    title: str
    wrong: bool
    enforced: list[PartView]
    proven: list[PartView]
    evidence: list[PartView]
    controls: list[ControlView]
    figures: list[FigureView]


class PromisesView(View):
    seen_at: datetime
    promises: list[PromiseView]


@operation(Operation(summary="See how each promise of the policy is kept right now", ok=(200, PromisesView)))
async def list_promises(request: web.Request) -> web.Response:
    seen = await request.app[EVIDENCE].look()
    found = [
        PromiseView(
            clause=promise.clause,
            title=promise.title,
            wrong=seen.wrong(promise.clause),
            enforced=_parts(promise.enforced),
            proven=_parts(promise.proven),
            evidence=_parts(promise.evidence),
            controls=_controls(seen, promise.clause),
            figures=[FigureView.model_validate(figure) for figure in seen.figures_of(promise.clause)],
        )
        for promise in promises()
    ]
    return answer(PromisesView(seen_at=seen.at, promises=found))


def _parts(parts: Sequence[Part]) -> list[PartView]:
    return [PartView.model_validate(part) for part in parts]


def _controls(seen: Seen, clause: str) -> list[ControlView]:
    return [
        ControlView(
            name=each.control.name,
            words=each.control.words,
            state=each.state.value,
            ran_at=each.run.ran_at if each.run else None,
        )
        for each in seen.controls_of(clause)
    ]
