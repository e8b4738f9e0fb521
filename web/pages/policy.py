"""The policy as it is in force, and every earlier version (C9)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from markupsafe import Markup

from kalecart.clock import shop_date
from kalecart.database import Tx
from kalecart.openness.acknowledge import acknowledge_as_customer
from kalecart.policy import reads as policy
from kalecart.policy.changes import changes
from kalecart.policy.versions import PolicyVersion
from web.keys import RUNTIME
from web.pages.forms import form_of, query_text
from web.pages.frame import frame_of, local, signed_in
from web.pages.rendering import render

HEADING: Final = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the table of contents."""

    id: str
    title: Markup


async def policy_page(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    today = shop_date(runtime.clock.now())
    wanted = query_text(request, "version", most=40)
    async with runtime.db.snapshot() as tx:
        current = await policy.current(tx, today)
        shown = await policy.version(tx, wanted) if wanted else current
        versions = await policy.published(tx)
    return render(
        "policy.html",
        frame=await frame_of(request),
        policy=shown,
        current=current,
        coming=[version for version in versions if version.effective_on > today],
        earlier=next((version for version in versions if version.effective_on < shown.effective_on), None),
        html=Markup(shown.html),  # noqa: S704  # rendered with raw HTML off, see policy/versions.py
        toc=_toc(shown.html),
        versions=versions,
    )


async def changes_page(request: web.Request) -> web.Response:
    """What changed between any two versions; left out, they are the newest and the one before it."""
    runtime = request.app[RUNTIME]
    asked = [query_text(request, name, most=40) for name in ("from", "to")]
    async with runtime.db.snapshot() as tx:
        versions = await policy.published(tx)
        after = await _named(tx, asked[1], versions[0])
        older = next((version for version in versions if version.effective_on < after.effective_on), after)
        before = await _named(tx, asked[0], older)
    sections = changes(before.text, after.text)
    return render(
        "policy_changes.html",
        frame=await frame_of(request),
        before=before,
        after=after,
        versions=versions,
        changed=[section for section in sections if section.changed],
        unchanged=[section for section in sections if not section.changed],
    )


async def acknowledged(request: web.Request) -> web.Response:
    customer, form, runtime = await signed_in(request), await form_of(request), request.app[RUNTIME]
    await acknowledge_as_customer(customer, form.get("version", ""), db=runtime.db, clock=runtime.clock)
    raise web.HTTPSeeOther(local(form.get("to"), "/account"))


async def _named(tx: Tx, name: str, otherwise: PolicyVersion) -> PolicyVersion:
    return await policy.version(tx, name) if name else otherwise


def _toc(html: str) -> Sequence[Entry]:
    return [Entry(id=found[1], title=Markup(found[2])) for found in HEADING.finditer(html)]  # noqa: S704  # as above
