"""The outbox: what the shop wrote to people, and a look at one letter for a stated purpose."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from aiohttp import web

from kalecart import tombstones
from kalecart.errors import Invalid
from kalecart.inbound.outcome import Outcome
from kalecart.inbound.reads import looked
from kalecart.jobs import MailKind
from kalecart.mail.letter import Letter
from kalecart.mail.message import MailState
from kalecart.mail.reads import OUTBOX_PAGE, message, outbox, posted
from kalecart.mail.show import show_letter
from kalecart.staff.view import PersonErased, ViewPurpose
from web.console.session import staff_member
from web.headers import LETTER
from web.keys import RUNTIME
from web.pages.forms import form_of, query_text
from web.pages.rendering import render
from web.parse import id_in, id_of

KINDS: Final[Mapping[MailKind, str]] = {
    MailKind.ORDER_RECEIPT: "Receipt",
    MailKind.REFUND_RECEIPT: "Refund",
    MailKind.ORDER_CANCELLED: "Cancellation",
    MailKind.PAYMENT_DECLINED: "Card declined",
    MailKind.PAYMENT_ACTION_NEEDED: "Bank asks to confirm",
    MailKind.CARD_EXPIRING: "Card expires",
    MailKind.DELIVERY_ENDS: "Delivery ends",
    MailKind.POLICY_CHANGED: "New policy",
    MailKind.REQUEST_RECEIVED: "Request received",
    MailKind.REQUEST_ANSWERED: "Request answered",
    MailKind.REQUEST_DUE: "Request due (staff)",
    MailKind.CEASE_NOTICE: "Notice to stop",
    MailKind.REPEAT_SENDER: "Sent again after notice",
    MailKind.REQUEST_CODE: "Request: code",
    MailKind.REQUEST_UNKNOWN: "Request: nobody known",
    MailKind.REQUEST_COST: "Request: cost",
    MailKind.EMAIL_CHANGED: "E-mail address changed",
    MailKind.STILL_RIGHT: "Still right?",
    MailKind.REQUEST_COMPLETED: "Request: completed",
    MailKind.ERASURE: "Erased",
    MailKind.SURVEY_REMINDER: "Survey: reminder",
    MailKind.COMPLAINT_RECEIVED: "Complaint received",
    MailKind.COMPLAINT_ANSWERED: "Complaint answered",
    MailKind.COMPLAINT_DUE: "Complaint due (staff)",
    MailKind.LOG_IN_CHANGED: "Log-in changed (staff)",
    MailKind.TRAINING_DUE: "Training due (staff)",
    MailKind.AUDIT_DUE: "Review or audit due (staff)",
    MailKind.PAPER_OVERDUE: "Paper overdue (staff)",
}
STATES: Final[Mapping[MailState, str]] = {
    MailState.WAITING: "Waiting",
    MailState.HELD: "Held",
    MailState.SENDING: "Being sent",
    MailState.SENT: "Sent",
    MailState.FAILED: "Failed",
    MailState.UNKNOWN: "Not known",
    MailState.UNNEEDED: "Not needed",
}
WORDS: Final[Mapping[MailState, str]] = {
    MailState.WAITING: "It goes out as soon as the mail server takes it.",
    MailState.HELD: "No mail server was set up when it was due. It is not sent later: what it says stands on the pages"
    " that it is about.",
    MailState.SENDING: "The mail server is being given its text.",
    MailState.SENT: "The mail server took it.",
    MailState.FAILED: "The mail server refused it, or was away for days. Reach its person another way.",
    MailState.UNKNOWN: "The mail server had its text and never answered. It may have arrived, so it is not sent again.",
    MailState.UNNEEDED: "By the time it was due, events had overtaken it.",
}


# Beside the states: what was sent and came back.
RETURNED: Final = "returned"
OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.COMPLAINT: "Complaints",
    Outcome.ADDED: "Added to a complaint",
    Outcome.AGAIN: "Said not to be resolved",
    Outcome.CAME_BACK: "Letters that came back",
    Outcome.LATE: "Letters that are late",
    Outcome.AUTOMATIC: "From machines, let go",
    Outcome.OWN: "From ourselves, let go",
    Outcome.ASIDE: "Left for a person to read",
}


async def outbox_page(request: web.Request) -> web.Response:
    member = await staff_member(request)
    member.require("orders:read")
    wanted = query_text(request, "state", most=20)
    state = MailState(wanted) if wanted in set(MailState) else None
    before = id_of(query_text(request, "before", most=40))
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await outbox(tx, state=state, returned=wanted == RETURNED, before=before, limit=OUTBOX_PAGE + 1)
        inbound = await looked(tx, request.app[RUNTIME].clock.now())
    return render(
        "staff/mail.html",
        demo=request.app[RUNTIME].settings.demo,
        member=member,
        messages=found[:OUTBOX_PAGE],
        kinds=KINDS,
        states=STATES,
        state=state,
        returned=wanted == RETURNED,
        inbound=inbound,
        outcomes=OUTCOMES,
        older=found[OUTBOX_PAGE - 1].id if len(found) > OUTBOX_PAGE else None,
        sends=bool(request.app[RUNTIME].settings.smtp_url.get_secret_value()),
    )


async def message_page(request: web.Request) -> web.Response:
    return await _page(request)


async def letter_shown(request: web.Request) -> web.Response:
    """Show what was written and to whom: for a stated purpose only, and on record before it happens (C8)."""
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    try:
        letter = await show_letter(
            _asked(request),
            purpose=form.get("purpose", ""),
            by=member,
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            public_url=runtime.settings.public_url,
        )
    except PersonErased:
        return await _page(request)
    except Invalid as refusal:
        return await _page(request, problem=" ".join(refusal.problems.values()))
    response = await _page(request, letter=letter, purpose=ViewPurpose(form["purpose"]))
    response[LETTER] = True
    return response


async def _page(
    request: web.Request,
    *,
    letter: Letter | None = None,
    purpose: ViewPurpose | None = None,
    problem: str | None = None,
) -> web.Response:
    member = await staff_member(request)
    member.require("orders:read")
    asked = _asked(request)
    async with request.app[RUNTIME].db.snapshot() as tx:
        shown = await posted(tx, asked)
        erased = await tombstones.erased_at(tx, (await message(tx, asked)).person_id)
    return render(
        "staff/letter.html",
        status=422 if problem else 200,
        demo=request.app[RUNTIME].settings.demo,
        member=member,
        message=shown,
        kind=KINDS[shown.kind],
        state=STATES[shown.state],
        words=WORDS[shown.state],
        may_reveal=member.may("customers:view"),
        purposes=list(ViewPurpose),
        purpose=purpose,
        letter=letter,
        erased_at=erased,
        problem=problem,
    )


def _asked(request: web.Request) -> UUID:
    return id_in(request, "message_id", missing="There is no such message.")
