"""Calls to Stripe through its official library, and what its errors mean.

A time-out, a lost connection, a 409, a 429 or a 5xx leaves the outcome unknown and raises Unavailable; a declined card
is an answer. No message of Stripe's travels further: they quote what was sent.
"""

import copy
import time
from collections.abc import Awaitable, Mapping
from typing import Any, Final, Self

import stripe
import structlog

from kalecart.errors import Unavailable
from kalecart.payments.gateway import NotAtStripe, ServerError
from kalecart.payments.pace import Lane, Pace

MISSING: Final = "resource_missing"

log = structlog.get_logger()

_WORDS: Final = "The payment provider did not answer. Nothing is lost; it is asked again."


# For how long one call is repeated after 429, which Stripe says before it has looked at anything.
REPEAT_S: Final = 15.0
TOO_MANY: Final = 429
CONFLICT: Final = 409


class TooFast(Unavailable):
    """The payment provider is asked too often."""


class StripeCalls:
    """Whoever asks Stripe something has its client, and a place among those who ask."""

    _client: stripe.StripeClient
    _pace: Pace
    _lane = Lane.FRONT

    def in_background(self) -> Self:
        """The same, for questions nobody waits for: everybody else goes first."""
        behind = copy.copy(self)
        behind._lane = Lane.BACK  # noqa: SLF001  # its own copy
        return behind

    async def _ask(self, method: str, path: str, **asked: Any) -> Mapping[str, Any]:
        """Take a turn, ask, and where Stripe says 429 ask again without losing it. Raises Unavailable.

        The library makes an object of every part of an answer, which takes a worker longer than all it writes; here the
        answer is used as it came.
        """
        await self._pace.turn(self._lane)
        begun, refusals = time.monotonic(), 0
        while True:
            try:
                return (await answer_of(self._client.raw_request_async(method, path, **asked))).data
            except TooFast:
                refusals += 1
                if time.monotonic() - begun > REPEAT_S:
                    raise
                await self._pace.turn_again(refusals)

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
        if isinstance(error, stripe.InvalidRequestError) and status not in {CONFLICT, TOO_MANY}:
            raise
        log.warning("stripe_did_not_answer", error=type(error).__name__, status=status)
        if status == TOO_MANY:
            raise TooFast(_WORDS) from None
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
