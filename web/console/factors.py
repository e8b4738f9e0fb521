"""Passkeys, one-time codes and recovery codes: added to one's own log-in, and removed from it."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from kalecart.errors import Invalid, NotFound, Refused
from kalecart.staff.add_key import add_key, ask_for_new_key
from kalecart.staff.drop_factor import remove_code, remove_key
from kalecart.staff.make_recovery import make_recovery
from kalecart.staff.set_code import begin_code, confirm_code
from web.console.log_in_steps import refused_script, site_here
from web.console.log_ins import page
from web.console.session import OWN_LOG_INS, staff_member
from web.keys import ALLOWANCES, RUNTIME, STAFF
from web.pages.forms import form_of
from web.parse import id_in


async def new_key_asked(request: web.Request) -> web.Response:
    """For the page's script: what to ask the device, as JSON."""
    form, given = await form_of(request), await _given(request) | _sealed(request)
    try:
        options = await ask_for_new_key(form.get("password", ""), site=site_here(request), **given)
    except Invalid as refusal:
        return refused_script(refusal, refusal.problems["/password"])
    except Refused as refusal:
        return refused_script(refusal)
    return web.Response(text=options, content_type="application/json")


async def key_added(request: web.Request) -> web.Response:
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    try:
        codes = await add_key(
            form.get("credential", ""),
            form.get("key-name", ""),
            by=member,
            site=site_here(request),
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
        )
    except Refused as refusal:
        return await page(request, refusal=refusal, field="key-name")
    return await _told(request, codes)


async def key_removed(request: web.Request) -> web.Response:
    form, given = await form_of(request), await _given(request)
    key_id = id_in(request, "key_id", missing="There is no such passkey.")
    try:
        await remove_key(key_id, form.get("password", ""), needed=_needed(request), **given)
    except NotFound:
        raise
    except Refused as refusal:
        return await page(request, refusal=refusal, field=f"password-{key_id}")
    raise web.HTTPSeeOther(OWN_LOG_INS)


async def code_begun(request: web.Request) -> web.Response:
    form, given = await form_of(request), await _given(request) | _sealed(request)
    try:
        secret = await begin_code(form.get("password", ""), **given)
    except Refused as refusal:
        return await page(request, refusal=refusal, field="password-code")
    return await page(request, secret=secret)


async def code_confirmed(request: web.Request) -> web.Response:
    form, given = await form_of(request), await _given(request) | _sealed(request)
    try:
        codes = await confirm_code(form.get("code", ""), **given)
    except Refused as refusal:
        return await page(request, refusal=refusal, field="code")
    return await _told(request, codes)


async def code_removed(request: web.Request) -> web.Response:
    form, given = await form_of(request), await _given(request)
    try:
        await remove_code(form.get("password", ""), needed=_needed(request), **given)
    except Refused as refusal:
        return await page(request, refusal=refusal, field="password-code")
    raise web.HTTPSeeOther(OWN_LOG_INS)


async def recovery_made(request: web.Request) -> web.Response:
    form, given = await form_of(request), await _given(request) | _sealed(request)
    try:
        codes = await make_recovery(form.get("password", ""), **given)
    except Refused as refusal:
        return await page(request, refusal=refusal, field="password-recovery")
    return await page(request, codes=codes)


async def _given(request: web.Request) -> dict[str, Any]:
    """What every one of these acts needs."""
    runtime = request.app[RUNTIME]
    who = await staff_member(request)
    return {"by": who, "db": runtime.db, "clock": runtime.clock, "allowances": request.app[ALLOWANCES]}


def _sealed(request: web.Request) -> dict[str, Any]:
    return {"vault": request.app[RUNTIME].vault}


def _needed(request: web.Request) -> bool:
    return request.app[RUNTIME].settings.second_factor


async def _told(request: web.Request, codes: Sequence[str]) -> web.Response:
    """The codes are shown this once; without any there is nothing to say but the page itself."""
    if not codes:
        raise web.HTTPSeeOther(OWN_LOG_INS)
    # Whoever needed this to be let in is let in now.
    del request[STAFF]
    return await page(request, codes=codes)
