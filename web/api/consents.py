"""What you agreed to: give, withdraw, refuse, and a receipt to keep."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.consent.purpose import Purpose
from kalecart.consent.reads import ConsentState, consents_of, history_of, suspension_of
from kalecart.consent.receipt import PastDecision
from kalecart.consent.record import Choices, record_consents
from kalecart.consent.refuse import StillNeeded, refuse_field
from kalecart.consent.suspension import Suspension
from kalecart.errors import Invalid, NotFound
from web.api.operation import Operation, operation
from web.api.shapes import Body, ShownVersion, View, answer
from web.identity import require_customer
from web.keys import RUNTIME
from web.signal import asks_not_to_be_counted


class ConsentsBody(Body):
    """What is left out stays as it is."""

    payment_and_delivery: Annotated[
        bool | None, Field(description="False begins a notice: delivery ends on its date, and not before (C5).")
    ] = None
    improve_service: bool | None = None
    additional_information: bool | None = None
    news_by_email: bool | None = None
    policy_version: ShownVersion | None = None


class RefusalBody(Body):
    field: Annotated[str, Field(max_length=20, description="What you do not want to give, such as `address`.")]


class ConsentView(View):
    purpose: Purpose
    given: bool
    necessary: bool
    label: str
    explanation: str
    decided_at: datetime | None
    policy_version: str | None
    source: str | None


class DeliveryView(View):
    """Delivery ends, or has ended, and what was told before."""

    refused_field: str | None
    told_at: datetime
    effective_at: datetime
    in_force: bool
    told: str


class ConsentsView(View):
    consents: list[ConsentView]
    delivery: Annotated[DeliveryView | None, Field(description="None while delivery goes on.")]
    signal_honoured: Annotated[bool, Field(description="This request carried Sec-GPC: 1, and it is kept to.")]


class PastDecisionView(View):
    purpose: Purpose
    given: bool
    decided_at: datetime
    policy_version: str
    source: str
    field: str | None
    words: str
    words_sha256: str


class ReceiptView(View):
    customer_id: UUID
    made_at: datetime
    decisions: list[PastDecisionView]


@operation(Operation(summary="Read what you agreed to", who="customer", ok=(200, ConsentsView)))
async def get_consents(request: web.Request) -> web.Response:
    return await _held(request)


@operation(
    Operation(
        summary="Give or withdraw a consent",
        who="customer",
        body=ConsentsBody,
        ok=(200, ConsentsView),
        errors=(Invalid,),
    )
)
async def put_consents(request: web.Request, *, body: ConsentsBody) -> web.Response:
    runtime = request.app[RUNTIME]
    chosen = {purpose: given for purpose in Purpose if (given := getattr(body, purpose.value)) is not None}
    await record_consents(
        Choices(given=chosen, policy_version=body.policy_version, signal=asks_not_to_be_counted(request)),
        customer_id=await require_customer(request),
        db=runtime.db,
        clock=runtime.clock,
        notice=runtime.settings.delivery_notice,
    )
    return await _held(request)


@operation(
    Operation(
        summary="Refuse to give one detail; where delivery needs it, a notice begins",
        who="customer",
        body=RefusalBody,
        ok=(200, ConsentsView),
        errors=(StillNeeded, NotFound),
    )
)
async def post_refusal(request: web.Request, *, body: RefusalBody) -> web.Response:
    runtime = request.app[RUNTIME]
    await refuse_field(
        body.field,
        customer_id=await require_customer(request),
        db=runtime.db,
        clock=runtime.clock,
        notice=runtime.settings.delivery_notice,
    )
    return await _held(request)


@operation(Operation(summary="A receipt of everything you decided", who="customer", ok=(200, ReceiptView)))
async def get_receipt(request: web.Request) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        past = await history_of(tx, customer)
    decisions = [_past(decision) for decision in past]
    return answer(ReceiptView(customer_id=customer, made_at=runtime.clock.now(), decisions=decisions))


async def _held(request: web.Request) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        held = await consents_of(tx, customer)
        standing = await suspension_of(tx, customer)
    view = ConsentsView(
        consents=_consents(held),
        delivery=_delivery(standing, runtime.clock.now()) if standing else None,
        signal_honoured=asks_not_to_be_counted(request),
    )
    return answer(view)


def _consents(held: Sequence[ConsentState]) -> list[ConsentView]:
    return [
        ConsentView(
            purpose=state.purpose,
            given=state.given,
            necessary=state.necessary,
            label=state.words.label,
            explanation=state.words.explanation,
            decided_at=state.decided_at,
            policy_version=state.policy_version,
            source=state.source,
        )
        for state in held
    ]


def _delivery(standing: Suspension, now: datetime) -> DeliveryView:
    return DeliveryView(
        refused_field=standing.field,
        told_at=standing.told_at,
        effective_at=standing.effective_at,
        in_force=standing.in_force(now),
        told=standing.text,
    )


def _past(decision: PastDecision) -> PastDecisionView:
    return PastDecisionView(
        purpose=decision.purpose,
        given=decision.given,
        decided_at=decision.decided_at,
        policy_version=decision.policy_version,
        source=decision.source,
        field=decision.field,
        words=decision.text,
        words_sha256=decision.sha256.hex(),
    )
