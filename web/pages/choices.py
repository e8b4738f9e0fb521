"""What the account shows of a person's choices: what holds, how it came about, what would follow (C4, C5)."""

from typing import Any

from aiohttp import web

from kalecart.consent.reads import consents_of, history_of, suspension_of
from kalecart.consent.refuse import refusable
from kalecart.consent.suspension import day_of, takes_effect
from kalecart.database import Tx
from kalecart.ids import CustomerId
from web.keys import RUNTIME
from web.signal import asks_not_to_be_counted


async def choices_of(request: web.Request, tx: Tx, customer: CustomerId) -> dict[str, Any]:
    """For `choices.html` and `delivery_notice.html`."""
    runtime = request.app[RUNTIME]
    now = runtime.clock.now()
    return {
        "now": now,
        "consents": await consents_of(tx, customer),
        "history": await history_of(tx, customer),
        "suspension": await suspension_of(tx, customer),
        "necessities": refusable(),
        "would_end": day_of(takes_effect(now, runtime.settings.delivery_notice)),
        "signal": asks_not_to_be_counted(request),
    }
