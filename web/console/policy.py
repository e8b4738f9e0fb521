"""The policy for who works here: what is still to be read, and for some who was told and who was not (C9)."""

from typing import Final

from aiohttp import web

from kalecart.openness.acknowledge import acknowledge_as_staff
from kalecart.openness.reads import gaps, told, unreached, unread_by
from kalecart.policy import reads as policy
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.forms import form_of
from web.pages.rendering import render

SHOWN_MAX: Final = 200


async def policy_page(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    tells = member.may("policy:tell")
    async with runtime.db.direct() as pg:
        unread = await unread_by(pg, member.id)
    async with runtime.db.snapshot() as tx:
        versions = await policy.published(tx)
        counted = await told(tx) if tells else ()
        newest = max((line.version for line in counted), default=None)
        return render(
            "staff/policy.html",
            demo=runtime.settings.demo,
            member=member,
            unread=await policy.version(tx, unread) if unread else None,
            versions=versions,
            tells=tells,
            told=counted,
            gaps=await gaps(tx, now=runtime.clock.now(), most=SHOWN_MAX) if tells else (),
            newest=newest,
            unreached=await unreached(tx, newest, most=SHOWN_MAX) if newest else (),
        )


async def acknowledged(request: web.Request) -> web.Response:
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    await acknowledge_as_staff(member.id, form.get("version", ""), db=runtime.db, clock=runtime.clock)
    raise web.HTTPSeeOther("/staff/policy")
