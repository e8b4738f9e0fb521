"""Who of the staff was refused what: kept wherever in the web a role was too small, because all refusals pass here."""

import structlog
from aiohttp import web

from kalecart.errors import KaleCartError
from kalecart.staff.member import RoleForbids
from kalecart.tending.deny import record_denial
from web.keys import RUNTIME, STAFF

log = structlog.get_logger()


async def witness(request: web.Request, error: KaleCartError) -> None:
    """A refusal that cannot be written down is still a refusal."""
    member = request.get(STAFF)
    if not isinstance(error, RoleForbids) or member is None:
        return
    resource = request.match_info.route.resource
    runtime = request.app[RUNTIME]
    try:
        await record_denial(
            error.members["right"],
            of=member,
            where=resource.canonical if resource is not None else "unmatched",
            db=runtime.db,
            clock=runtime.clock,
        )
    except KaleCartError as unwritten:
        log.warning("denial_not_recorded", staff_id=member.id, error=type(unwritten).__name__)
