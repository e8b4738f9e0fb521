"""One's own log-in at the console: what proves who one is, and where one is logged in (C8). Passkeys need a page."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.allowances import TooManyTries
from kalecart.errors import Invalid
from kalecart.staff import reads_factors as reads
from kalecart.staff.change_password import change_staff_password
from kalecart.staff.end_session import end_session
from kalecart.staff.session import Proof
from kalecart.staff.still_here import LogInEnded
from web.api.customers import Text
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import Body, View, answer, nothing
from web.identity import at_work
from web.keys import ALLOWANCES, RUNTIME

SESSION_ID: Final = PathPart(pattern=UUID_PATTERN, description="One of your log-ins.", convert=UUID)


class PasskeyView(View):
    key_id: UUID
    name: str
    added_at: datetime
    last_used_at: datetime | None


class SessionView(View):
    session_id: UUID
    here: Annotated[bool, Field(description="Whether it is the one that asks.")]
    proof: Annotated[Proof, Field(description="What it was let in by.")]
    started_at: datetime
    last_seen_at: Annotated[datetime, Field(description="Up to a minute old.")]
    ends_at: Annotated[datetime, Field(description="If nobody uses it again.")]


class LogInsView(View):
    passkeys: list[PasskeyView]
    codes_since: Annotated[datetime | None, Field(description="Since when an app makes one-time codes; None for none.")]
    recovery_codes_left: int
    sessions: list[SessionView]


class StaffPasswordBody(Body):
    current_password: Text
    new_password: Text


@operation(
    Operation(
        summary="Show what you log in with, and where you are logged in", who="staff", right=None, ok=(200, LogInsView)
    )
)
async def get_log_ins(request: web.Request) -> web.Response:
    member, runtime = await at_work(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        passkeys = await reads.passkeys(tx, member.id, runtime.vault)
        factors = await reads.factors(tx, member.id)
        sessions = await reads.sessions(tx, member.id, now=runtime.clock.now())
    here = member.session.id if member.session else None
    return answer(
        LogInsView(
            passkeys=[
                PasskeyView(key_id=each.id, name=each.name, added_at=each.added_at, last_used_at=each.last_used_at)
                for each in passkeys
            ],
            codes_since=factors.code_since,
            recovery_codes_left=factors.recovery_codes,
            sessions=[
                SessionView(
                    session_id=each.id,
                    here=each.id == here,
                    proof=each.proof,
                    started_at=each.started_at,
                    last_seen_at=each.last_seen_at,
                    ends_at=each.ends_at,
                )
                for each in sessions
            ],
        )
    )


@operation(
    Operation(
        summary="End one of your log-ins; one that is none of yours is left alone",
        who="staff",
        right=None,
        path={"session_id": SESSION_ID},
        ok=(204, None),
    )
)
async def delete_own_session(request: web.Request, *, session_id: UUID) -> web.Response:
    await end_session(session_id, by=await at_work(request), db=request.app[RUNTIME].db)
    return nothing()


@operation(
    Operation(
        summary="Change your password: every other log-in of yours ends",
        who="staff",
        right=None,
        body=StaffPasswordBody,
        ok=(204, None),
        errors=(Invalid, TooManyTries, LogInEnded),
    )
)
async def put_staff_password(request: web.Request, *, body: StaffPasswordBody) -> web.Response:
    member, runtime = await at_work(request), request.app[RUNTIME]
    await change_staff_password(
        body.current_password,
        body.new_password,
        by=member,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
        allowances=request.app[ALLOWANCES],
    )
    return nothing()
