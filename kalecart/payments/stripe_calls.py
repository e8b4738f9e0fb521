"""Calls to Stripe through its official library, and what its errors mean.

A time-out, a lost connection, a 409, a 429 or a 5xx leaves the outcome unknown and raises Unavailable; a declined card
is an answer. No message of Stripe's travels further: they quote what was sent.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, Final

import stripe
import structlog

from kalecart.errors import Unavailable
from kalecart.payments.gateway import NotAtStripe, ServerError

MISSING: Final = "resource_missing"

log = structlog.get_logger()

_WORDS: Final = "The payment provider did not answer. Nothing is lost; it is asked again."


class StripeCalls:
    """Whoever asks Stripe something has its client."""

    _client: stripe.StripeClient

    async def _ask(self, method: str, path: str, **asked: Any) -> Mapping[str, Any]:
        """A call of the order's path. The library makes an object of every part of an answer, which takes a worker
        longer than all it writes; here the answer is used as it came."""
        return (await answer_of(self._client.raw_request_async(method, path, **asked))).data

    async def _read(self, path: str) -> Mapping[str, Any]:
        try:
            return await self._ask("get", path)
        except stripe.InvalidRequestError as error:
            if error.code != MISSING:
                raise
            raise NotAtStripe("Nothing of this id is there.") from None


async def answer_of(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except (stripe.CardError, stripe.IdempotencyError):
        raise
    except stripe.StripeError as error:
        status = error.http_status or 0
        if isinstance(error, stripe.InvalidRequestError) and status not in {409, 429}:
            raise
        log.warning("stripe_did_not_answer", error=type(error).__name__, status=status)
        raise (ServerError if status >= 500 else Unavailable)(_WORDS) from None  # noqa: PLR2004  # HTTP's own
    except Exception as error:  # noqa: BLE001  # see below
        # The library lets its transport's errors through while it reads a body: the request was sent, so whatever this
        # is, the outcome is unknown.
        log.warning("stripe_did_not_answer", error=type(error).__name__)
        raise Unavailable(_WORDS) from None


def body_of(error: stripe.StripeError) -> Mapping[str, Any]:
    """What Stripe's own words of an error are about."""
    body = error.json_body
    return body.get("error", {}) if isinstance(body, dict) else {}
