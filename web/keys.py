"""Names of what hangs on the application and on a request."""

from typing import Final

from aiohttp import web

from kalecart.allowances import Allowances
from kalecart.ids import CustomerId
from kalecart.runtime import Runtime
from kalecart.staff.member import StaffMember
from web.cookies import Cookies
from web.edge import Edge
from web.order_streams import OrderStreams
from web.queue_watch import QueueWatch

RUNTIME: Final = web.AppKey("runtime", Runtime)
ALLOWANCES: Final = web.AppKey("allowances", Allowances)
COOKIES: Final = web.AppKey("cookies", Cookies)
SPECIFICATION: Final = web.AppKey("specification", bytes)
EDGE: Final = web.AppKey("edge", Edge)
STREAMS: Final = web.AppKey("streams", OrderStreams)
QUEUE: Final = web.AppKey("queue", QueueWatch)

# None where nobody is logged in. Not there before somebody asked: see web/identity.py.
CUSTOMER: Final = web.RequestKey("customer", CustomerId | None)  # ty: ignore[invalid-argument-type]  # a union
STAFF: Final = web.RequestKey("staff", StaffMember | None)  # ty: ignore[invalid-argument-type]  # a union
