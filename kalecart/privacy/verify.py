"""Find out whether somebody without a log-in is who they say: by points, five tries at most (C10, E53, E54, E55)."""

from dataclasses import replace
from datetime import datetime

from kalecart import audit
from kalecart.clock import Clock
from kalecart.customers import reads as customers
from kalecart.customers.contact import parse_phone
from kalecart.customers.problems import Unusable
from kalecart.customers.profile import Profile
from kalecart.database import Database, Tx
from kalecart.errors import NotFound
from kalecart.ids import RequestId
from kalecart.privacy import reads, store
from kalecart.privacy.ask import verified
from kalecart.privacy.codes import code_of, same
from kalecart.privacy.proofs import TRIES_MAX, Points, Proofs, settled
from kalecart.privacy.request import BY_CODE, BY_POINTS, CannotVerify, Channel, Kind, Level, NeedMore, Request, State
from kalecart.vault import Vault


async def verify(
    request_id: RequestId,
    proofs: Proofs,
    *,
    db: Database,
    vault: Vault,
    clock: Clock,
    by: audit.Actor = audit.SHOP,
) -> Request:
    """The request as it goes on. Raises CannotVerify, in the same words whether we know the person or not."""
    now = clock.now()
    async with db.transaction() as tx:
        request = await store.find(tx, request_id, lock=True)
        if request is None:
            raise NotFound("There is no such request.")
        if request.joined_id is not None:
            request = await store.find(tx, request.joined_id, lock=True) or request
        level, proof = await _level(tx, request, proofs, vault=vault, now=now)
        # The kinds of data are an answer to whoever wants to see them, and to nobody else.
        short = level is Level.CATEGORIES and request.kind is not Kind.ACCESS
        if level is not None and not short:
            found = await verified(tx, request, level=level, proof=proof, now=now)
            await store.change(tx, request.id, code_sealed=None, code_until=None)
        else:
            found = await _failed(tx, request, now=now)
        detail = {"level": str(level) if level else None, "tries": found.tries}
        subject = ("privacy_request", request_id)
        await audit.record(tx, "request_checked", by=by, subject=subject, now=now, detail=detail)
    if level is None or short:
        raise _refusal(found, short=short)
    return found


def _refusal(request: Request, *, short: bool) -> CannotVerify:
    left = max(TRIES_MAX - request.tries, 0)
    if short:
        return NeedMore(
            "That is enough to tell what kinds of data we keep, which is below, and not enough to change or erase"
            " anything. Add more of the details, the code from our letter among them, and the declaration.",
            tries_left=left,
        )
    return CannotVerify(
        "What you sent is not enough to be sure that it is you, so nothing about anybody is handed out. Below is"
        " what kinds of data we keep. Check what you typed, or ask again.",
        tries_left=left,
    )


async def _level(tx: Tx, request: Request, proofs: Proofs, *, vault: Vault, now: datetime) -> tuple[Level | None, str]:
    """What was proved, and whether the mailbox was."""
    if request.state is not State.UNVERIFIED or request.tries >= TRIES_MAX:
        return None, BY_POINTS
    if request.customer_id is None:
        return await _level_of_mailbox(tx, request, proofs, vault=vault, now=now), BY_CODE
    profile = await customers.profile(tx, request.customer_id, vault)
    points = await _points(tx, request, proofs, profile, vault=vault, now=now)
    mailbox = settled(profile.email_changed_at, now)
    if request.channel is Channel.AGENT:
        # The agent has the signed permission; the code in the customer's mailbox is the customer saying so too.
        return Level.SPECIFICS if request.permission_seen and points.code and mailbox else None, BY_CODE
    level = points.level(declared=proofs.declared, mailbox_settled=mailbox)
    if request.kind is Kind.ERASURE and not points.code:
        # Three of the others stand on one delivery slip, and what is erased does not come back.
        return Level.CATEGORIES if level else None, BY_POINTS
    return level, BY_CODE if points.code and mailbox else BY_POINTS


async def _level_of_mailbox(tx: Tx, request: Request, proofs: Proofs, *, vault: Vault, now: datetime) -> Level | None:
    """Whoever has no account is to us whoever reads their mailbox: there is nothing else to know of them.

    Whoever wrote for the first time was sent no code, and there is nothing to open.
    """
    code = await code_of(tx, request.id, request.person.id, vault=vault, now=now)
    agent = request.channel is Channel.AGENT
    declared = request.permission_seen if agent else proofs.declared
    return Level.SPECIFICS if same(proofs.code, code) and declared else None


async def _points(tx: Tx, request: Request, proofs: Proofs, profile: Profile, *, vault: Vault, now: datetime) -> Points:
    numbers, totals = await reads.order_points(tx, profile.customer_id)
    code = await code_of(tx, request.id, profile.customer_id, vault=vault, now=now)
    return Points(
        code=same(proofs.code, code),
        order_number=proofs.order_number.strip().upper() in numbers,
        order_total=proofs.total_cents in totals,
        postal_code=proofs.postal_code.strip()[:5] == profile.address.postal_code[:5],
        phone=_phone(proofs.phone) == profile.phone,
    )


async def _failed(tx: Tx, request: Request, *, now: datetime) -> Request:
    """One try less; after the last the request is answered: that nobody could be verified, and nothing of anybody."""
    if request.state is not State.UNVERIFIED:
        return request
    tries = request.tries + 1
    await store.change(tx, request.id, tries=tries)
    if tries >= TRIES_MAX:
        await store.move(tx, request, State.ANSWERED, now=now, proof="none", code_sealed=None, code_until=None)
    return replace(request, tries=tries)


def _phone(typed: str) -> str | None:
    try:
        return parse_phone(typed)
    except Unusable:
        return None
