"""One's own log-in at the console: what proves who one is, and where one is logged in (C8)."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from kalecart.errors import Invalid, Refused
from kalecart.staff import reads_factors as reads
from kalecart.staff.change_password import change_staff_password
from kalecart.staff.end_session import end_others, end_session
from kalecart.staff.set_code import NewSecret
from web.console.qr import qr_code
from web.console.session import OWN_LOG_INS, site_of, staff_member
from web.keys import ALLOWANCES, RUNTIME
from web.pages.forms import form_of
from web.pages.people import problems_in
from web.pages.rendering import render
from web.parse import id_in
from web.problems import status_of

MISSING: Final = "There is no such log-in."


async def log_ins_page(request: web.Request) -> web.Response:
    return await page(request)


async def session_ended(request: web.Request) -> web.Response:
    member = await staff_member(request)
    await end_session(id_in(request, "session_id", missing=MISSING), by=member, db=request.app[RUNTIME].db)
    raise web.HTTPSeeOther(OWN_LOG_INS)


async def others_ended(request: web.Request) -> web.Response:
    await end_others(by=await staff_member(request), db=request.app[RUNTIME].db)
    raise web.HTTPSeeOther(OWN_LOG_INS)


async def password_changed(request: web.Request) -> web.Response:
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    try:
        await change_staff_password(
            form.get("current_password", ""),
            form.get("new_password", ""),
            by=member,
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except Refused as refusal:
        return await page(request, refusal=refusal, field="current_password")
    raise web.HTTPSeeOther(OWN_LOG_INS)


async def page(
    request: web.Request,
    *,
    refusal: Refused | None = None,
    field: str = "",
    codes: Sequence[str] = (),
    secret: NewSecret | None = None,
) -> web.Response:
    """`codes` and `secret` are shown this once. A wrong password is told beside `field`."""
    member, runtime = await staff_member(request), request.app[RUNTIME]
    now = runtime.clock.now()
    async with runtime.db.snapshot() as tx:
        passkeys = await reads.passkeys(tx, member.id, runtime.vault)
        factors = await reads.factors(tx, member.id)
        sessions = await reads.sessions(tx, member.id, now=now)
    renamed = {"/password": field} if isinstance(refusal, Invalid) and field else None
    return render(
        "staff/log_ins.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        site=site_of(request),
        passkeys=passkeys,
        factors=factors,
        sessions=sessions,
        codes=codes,
        secret=secret,
        picture=qr_code(secret.address) if secret else None,
        values={},
        problems=problems_in(refusal, field, renamed),
    )
