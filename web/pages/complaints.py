"""Complaints about how personal information is handled: in writing, with or without an account (C12)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from kalecart.allowances import Allowance, TooManyTries
from kalecart.complaints import reads
from kalecart.complaints.add_to import add_to, not_resolved
from kalecart.complaints.complain import Form, complain, parse_written
from kalecart.complaints.complaint import Complaint, Written
from kalecart.complaints.lodge import Lodged, code_hash
from kalecart.complaints.reads import Opened
from kalecart.errors import Invalid, NotFound, Refused
from kalecart.ids import ComplaintId
from kalecart.policy.contact import CONTACT
from web.identity import customer_of
from web.keys import ALLOWANCES, RUNTIME
from web.pages.complaint_words import EVENTS, STANDINGS
from web.pages.forms import form_of, made_by, sentence
from web.pages.frame import frame_of, signed_in
from web.pages.people import problems_in
from web.pages.rendering import render
from web.parse import id_in
from web.problems import status_of

LOOKS: Final = (Allowance(kind="complaint_look", tries=10, seconds=3600),)
NUMBER_MAX: Final = 30


async def complain_page(request: web.Request) -> web.Response:
    return await _form(request, {})


async def complained(request: web.Request) -> web.Response:
    form, runtime = await form_of(request), request.app[RUNTIME]
    customer = await customer_of(request)
    name, email = form.get("name", ""), form.get("email", "")
    try:
        lodged = await complain(
            Form(
                written=parse_written(*_typed_in(form), name=name, email=email, customer_id=customer),
                name=name,
                email=email,
                about_manager="about_manager" in form,
                made=made_by(request, form, whose=customer),
            ),
            request.remote or "",
            customer_id=customer,
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except (Invalid, TooManyTries) as refusal:
        return await _form(request, form, refusal=refusal)
    if customer is not None:
        raise web.HTTPSeeOther(f"/account/complaints/{lodged.complaint.id}")
    return await _lodged(request, lodged)


async def look_page(request: web.Request) -> web.Response:
    return await _look(request, {})


async def looked(request: web.Request) -> web.Response:
    """By number and code: whoever has them sees how far it is. What we answered is in the letter alone."""
    return await _by_code(request, await form_of(request))


async def added_by_code(request: web.Request) -> web.Response:
    form = await form_of(request)
    case = await _found(request, form)
    try:
        await _add(request, case, form)
    except Refused as refusal:
        return await _by_code(request, form, refusal=refusal)
    return await _by_code(request, form, done="It is with your complaint now.")


async def continued_by_code(request: web.Request) -> web.Response:
    form, runtime = await form_of(request), request.app[RUNTIME]
    case = await _found(request, form)
    try:
        lodged = await not_resolved(case.id, written_in(form), db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    except Refused as refusal:
        return await _by_code(request, form, refusal=refusal)
    return await _lodged(request, lodged)


async def list_page(request: web.Request) -> web.Response:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        mine = await reads.of_customer(tx, customer)
    return render(
        "complaints.html", frame=await frame_of(request), mine=mine, now=runtime.clock.now(), standings=STANDINGS
    )


async def complaint_page(request: web.Request) -> web.Response:
    return await _mine(request, await _own(request), {})


async def added(request: web.Request) -> web.Response:
    case, form = await _own(request), await form_of(request)
    try:
        await _add(request, case, form)
    except Refused as refusal:
        return await _mine(request, case, form, refusal=refusal)
    raise web.HTTPSeeOther(f"/account/complaints/{case.id}")


async def continued(request: web.Request) -> web.Response:
    case, form, runtime = await _own(request), await form_of(request), request.app[RUNTIME]
    try:
        lodged = await not_resolved(case.id, written_in(form), db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    except Refused as refusal:
        return await _mine(request, case, form, refusal=refusal)
    raise web.HTTPSeeOther(f"/account/complaints/{lodged.complaint.id}")


def written_in(form: Mapping[str, str]) -> Written:
    return Written.parse(*_typed_in(form))


def _typed_in(form: Mapping[str, str]) -> tuple[Sequence[str], str]:
    """The concerns, each of which stands on a line of its own, and the rest."""
    return form.get("concerns", "").splitlines(), form.get("text", "")


async def _add(request: web.Request, case: Complaint, form: Mapping[str, str]) -> None:
    runtime, made = request.app[RUNTIME], made_by(request, form, whose=case.person_id)
    await add_to(case.id, form.get("text", ""), made=made, db=runtime.db, vault=runtime.vault, clock=runtime.clock)


async def _own(request: web.Request) -> Complaint:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        case = await reads.find(tx, ComplaintId(id_in(request, "complaint_id", missing="There is no such complaint.")))
    if case.customer_id != customer:
        raise NotFound("There is no such complaint.")
    return case


async def _found(request: web.Request, form: Mapping[str, str]) -> Complaint:
    """Raises TooManyTries, and Invalid in the same words for a number and for a code that is none."""
    runtime = request.app[RUNTIME]
    allowances, origin = request.app[ALLOWANCES], runtime.vault.blind_index("origin", request.remote or "")
    await allowances.spend(LOOKS, origin)
    number = form.get("number", "").strip().upper()[:NUMBER_MAX]
    async with runtime.db.snapshot() as tx:
        case = await reads.find_by_code(tx, number, code_hash(form.get("code", "")[:NUMBER_MAX]))
    if case is None:
        raise Invalid({"/number": "Number and code do not belong together. Both are in our letter."})
    await allowances.restore(LOOKS, origin)
    return case


async def _by_code(
    request: web.Request, form: Mapping[str, str], *, refusal: Refused | None = None, done: str = ""
) -> web.Response:
    try:
        case = await _found(request, form)
    except (Invalid, TooManyTries) as unknown:
        return await _look(request, form, refusal=unknown)
    ways = {"add": "/complaints/look/additions", "again": "/complaints/look/again"}
    keys = {"number": form.get("number", ""), "code": form.get("code", "")}
    opened = await _opened(request, case)
    shown: dict[str, Any] = {"keys": keys, "done": done, "letter_only": True, "values": form if refusal else {}}
    return await _complaint(request, opened, ways, refusal=refusal, **shown)


async def _mine(
    request: web.Request, case: Complaint, form: Mapping[str, str], *, refusal: Refused | None = None
) -> web.Response:
    here = f"/account/complaints/{case.id}"
    ways = {"add": f"{here}/additions", "again": f"{here}/again"}
    values = form if refusal else {}
    return await _complaint(request, await _opened(request, case), ways, values=values, refusal=refusal)


async def _opened(request: web.Request, case: Complaint) -> Opened:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        return await reads.opened(tx, case, runtime.vault)


async def _complaint(
    request: web.Request, opened: Opened, ways: Mapping[str, str], *, refusal: Refused | None = None, **more: Any
) -> web.Response:
    shown: dict[str, Any] = {"keys": {}, "done": "", "letter_only": False} | more
    return render(
        "complaint.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        opened=opened,
        now=request.app[RUNTIME].clock.now(),
        standings=STANDINGS,
        events=EVENTS,
        ways=ways,
        problems=problems_in(refusal, "text") if isinstance(refusal, Invalid) else {},
        problem=sentence(refusal) if refusal and not isinstance(refusal, Invalid) else None,
        **shown,
    )


async def _lodged(request: web.Request, lodged: Lodged) -> web.Response:
    return render("complaint_lodged.html", frame=await frame_of(request), lodged=lodged)


async def _look(request: web.Request, form: Mapping[str, str], *, refusal: Refused | None = None) -> web.Response:
    return render(
        "complaint_look.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        values={"number": form.get("number", "")},
        problems=problems_in(refusal, "number"),
    )


async def _form(request: web.Request, form: Mapping[str, str], *, refusal: Refused | None = None) -> web.Response:
    return render(
        "complain.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        contact=CONTACT,
        values=form,
        problems=problems_in(refusal, "concerns"),
    )
