"""What a request brings to the saving of a bank account."""

from contextlib import suppress
from typing import Final

from aiohttp import web

from kalecart.ids import CustomerId
from kalecart.payments.bank_account import Acceptance
from kalecart.payments.save_account import Counter
from web.keys import RUNTIME

AGENT_LENGTH_MAX: Final = 200


def counter_of(request: web.Request, customer: CustomerId) -> Counter:
    runtime = request.app[RUNTIME]
    return Counter(
        customer_id=customer, db=runtime.db, gateway=runtime.gateway, vault=runtime.vault, clock=runtime.clock
    )


def acceptance_of(request: web.Request, words_sha256: str) -> Acceptance:
    """What Stripe asks of a mandate given online: from where, and by which browser. It goes there alone."""
    shown = b""
    with suppress(ValueError):
        shown = bytes.fromhex(words_sha256)
    agent = request.headers.get("User-Agent", "").encode("ascii", "replace").decode()[:AGENT_LENGTH_MAX]
    return Acceptance(words_sha256=shown, origin=request.remote or "", agent=agent)
