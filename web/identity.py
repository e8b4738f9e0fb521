"""Who is asking. Looked up once for a request, and only where an answer depends on it: it costs a statement."""

from aiohttp import web

from kalecart.chance import token_hash
from kalecart.consent.honour import honour_signal
from kalecart.customers import reads as customers
from kalecart.customers.session import LoginNeeded
from kalecart.ids import CustomerId
from kalecart.staff import reads as staff
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Right
from kalecart.staff.store_factors import note_seen
from web.keys import COOKIES, CUSTOMER, RUNTIME, STAFF
from web.signal import asks_not_to_be_counted


async def customer_of(request: web.Request) -> CustomerId | None:
    """The customer whose session cookie the request carries."""
    if CUSTOMER not in request:
        request[CUSTOMER] = await _customer(request)
    return request[CUSTOMER]


async def _customer(request: web.Request) -> CustomerId | None:
    token = request.app[COOKIES].token(request, request.app[COOKIES].session)
    if token is None:
        return None
    runtime = request.app[RUNTIME]
    async with runtime.db.direct() as pg:
        customer = await customers.who(pg, token_hash(token), runtime.clock.now())
    if customer is not None and asks_not_to_be_counted(request):
        await honour_signal(customer, db=runtime.db, clock=runtime.clock)
    return customer


async def require_customer(request: web.Request) -> CustomerId:
    customer = await customer_of(request)
    if customer is None:
        raise LoginNeeded("Log in, or sign up for delivery.")
    return customer


def visitor_hash_of(request: web.Request) -> bytes | None:
    """What a log-in is found by, for a verb that serves guests and customers alike."""
    token = request.app[COOKIES].token(request, request.app[COOKIES].session)
    return token_hash(token) if token else None


def session_hash_of(request: web.Request) -> bytes:
    """For a verb that finds the customer in its own statement: what a log-in is found by, if there may be one."""
    found = visitor_hash_of(request)
    if found is None:
        raise LoginNeeded("Log in, or sign up for delivery.")
    return found


async def staff_of(request: web.Request) -> StaffMember | None:
    """The member of staff whose cookie the request carries."""
    if STAFF not in request:
        request[STAFF] = await _staff(request)
    return request[STAFF]


async def _staff(request: web.Request) -> StaffMember | None:
    token = request.app[COOKIES].token(request, request.app[COOKIES].staff)
    if token is None:
        return None
    runtime = request.app[RUNTIME]
    now, found = runtime.clock.now(), token_hash(token)
    async with runtime.db.direct() as pg:
        member = await staff.who(pg, found, now, second_factor=runtime.settings.second_factor)
        if member and member.session and member.session.to_note(now) and not _by_itself(request):
            await note_seen(pg, found, now)
    return member


def _by_itself(request: web.Request) -> bool:
    """A page that keeps itself fresh, and nobody at it: such a log-in ends as if the page were closed."""
    return "HX-Request" in request.headers or "text/event-stream" in request.headers.get("Accept", "")


async def at_work(request: web.Request) -> StaffMember:
    """Any member of staff, also one whose access is paused until they have read the policy."""
    member = await staff_of(request)
    if member is None:
        raise LoginNeeded("Log in as staff.")
    member.require_proved()
    return member


async def require_staff(request: web.Request, right: Right = "orders:read") -> StaffMember:
    """Whoever it is must also be allowed to."""
    member = await at_work(request)
    member.require(right)
    return member
