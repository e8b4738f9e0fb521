"""Requests about one's data without a log-in: the same page and the same words, whether we know the address or not."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from kalecart.allowances import TooManyTries
from kalecart.errors import Invalid, NotFound, Refused
from kalecart.privacy import reads
from kalecart.privacy.hand_over import hand_over_by_code
from kalecart.privacy.proofs import Proofs
from kalecart.privacy.receive import Received, ask_on_page
from kalecart.privacy.register.entry import Category
from kalecart.privacy.request import BY_CODE, BY_POINTS, Kind, State
from kalecart.privacy.verify import verify
from web.download import package_response
from web.keys import ALLOWANCES, RUNTIME
from web.pages.data import kind_in, request_id_in
from web.pages.forms import form_of, sentence
from web.pages.frame import frame_of
from web.pages.people import kept, problems_in
from web.pages.rendering import render
from web.pages.request_words import KINDS
from web.problems import status_of

TYPED_MAX: Final = 60
# Longer than what is looked up of somebody we know: how soon the answer comes tells nobody whether we do.
ANSWER_TAKES_S: Final = 0.15
FIELDS: Final = ("code", "order_number", "order_total", "postal_code", "phone")


async def ask_page(request: web.Request) -> web.Response:
    return await _ask(request, {"kind": Kind.ACCESS})


async def asked(request: web.Request) -> web.Response:
    form, runtime = await form_of(request), request.app[RUNTIME]
    try:
        async with _evenly():
            made = await ask_on_page(
                Received(kind=kind_in(form), email=form.get("email", "")),
                request.remote or "",
                db=runtime.db,
                vault=runtime.vault,
                clock=runtime.clock,
                allowances=request.app[ALLOWANCES],
            )
    except (Invalid, TooManyTries) as refusal:
        return await _ask(request, form, refusal=refusal)
    raise web.HTTPSeeOther(f"/privacy/requests/{made.id}")


async def proof_page(request: web.Request) -> web.Response:
    return await _proof(request)


async def proved(request: web.Request) -> web.Response:
    form, runtime = await form_of(request), request.app[RUNTIME]
    texts = {name: form.get(name, "")[:TYPED_MAX] for name in FIELDS}
    proofs = Proofs(**texts, declared="declared" in form)
    try:
        async with _evenly():
            asked, clock = request_id_in(request), runtime.clock
            proven = await verify(asked, proofs, db=runtime.db, vault=runtime.vault, clock=clock)
    except NotFound:
        raise
    except Refused as refusal:
        return await _proof(request, refusal=refusal)
    # Where two were asked it is the first that is answered, and only who proved it is led there.
    raise web.HTTPSeeOther(f"/privacy/requests/{proven.id}")


async def package(request: web.Request) -> web.Response:
    form, runtime = await form_of(request), request.app[RUNTIME]
    code = form.get("package_code", "")[:TYPED_MAX]
    try:
        async with _evenly():
            got = await hand_over_by_code(
                request_id_in(request), code, db=runtime.db, vault=runtime.vault, clock=runtime.clock
            )
    except Refused as refusal:
        return await _proof(request, refusal=refusal, field="package_code")
    return package_response(got)


@asynccontextmanager
async def _evenly() -> AsyncGenerator[None]:
    """Take as long whoever is asked about, and however it ends."""
    loop = asyncio.get_running_loop()
    done_at = loop.time() + ANSWER_TAKES_S
    try:
        yield
    finally:
        await asyncio.sleep(done_at - loop.time())


async def _ask(request: web.Request, form: dict[str, str], *, refusal: Refused | None = None) -> web.Response:
    return render(
        "request_ask.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        kinds=KINDS,
        values=kept(form),
        problems=problems_in(refusal, "email"),
    )


async def _proof(request: web.Request, *, refusal: Refused | None = None, field: str = "") -> web.Response:
    """Says nothing that depends on whether we know the person; only whoever proved it sees how far their request is."""
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        shown = await reads.shown(tx, request_id_in(request))
    # Whoever asked here must not learn that the account's owner has proved the same request by logging in.
    proven = shown.request.proof in (BY_CODE, BY_POINTS)
    return render(
        "request_proof.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        last_day=shown.request.last_day,
        opt_out=shown.request.kind is Kind.OPT_OUT,
        kind=shown.request.kind,
        proven=proven,
        ready=proven and shown.request.state is State.ANSWERED and shown.package is not None,
        categories=list(Category) if refusal and not field else [],
        problems={field: sentence(refusal)} if refusal else {},
    )
