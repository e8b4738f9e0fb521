"""Stripe's customers, cards and bank accounts."""

from typing import Final
from urllib.parse import quote

import stripe

from kalecart.ids import CustomerId
from kalecart.payments import described
from kalecart.payments.decline import decline_words
from kalecart.payments.method import CardSnapshot, CardUnusable, MethodSnapshot
from kalecart.payments.stripe_calls import StripeCalls, body_of

MISSING: Final = "resource_missing"


class StripeMethods(StripeCalls):
    """What a customer pays with."""

    async def create_customer(self, customer_id: CustomerId, *, key: str) -> str:
        asked = self._ask("post", "/v1/customers", metadata={"customer_id": str(customer_id)}, idempotency_key=key)
        return (await asked)["id"]

    async def read_card(self, method_id: str) -> CardSnapshot:
        try:
            return described.card(await self._ask("get", _method(method_id)))
        except stripe.InvalidRequestError:
            raise CardUnusable("Stripe does not know this card. Please enter it again.") from None

    async def attach_card(self, method_id: str, *, stripe_customer_id: str, key: str) -> CardSnapshot:
        path = f"{_method(method_id)}/attach"
        try:
            return described.card(await self._ask("post", path, customer=stripe_customer_id, idempotency_key=key))
        except stripe.CardError as error:
            refused = body_of(error)
            words = decline_words(refused.get("decline_code") or refused.get("code"))
            raise CardUnusable(f"{words} Nothing was charged. Please use another card.") from None
        except stripe.InvalidRequestError:
            raise CardUnusable("This card cannot be used. Please enter it again or use another.") from None

    async def read_method(self, method_id: str) -> MethodSnapshot:
        try:
            return described.method(await self._ask("get", _method(method_id)))
        except stripe.InvalidRequestError as error:
            if error.code != MISSING:
                raise
            return MethodSnapshot(stripe_id=method_id, attached=False, last4="")

    async def detach(self, method_id: str, *, key: str) -> None:
        try:
            await self._ask("post", f"{_method(method_id)}/detach", idempotency_key=key)
        except stripe.InvalidRequestError as error:
            if (await self.read_method(method_id)).attached:
                raise error from None


def _method(method_id: str) -> str:
    return f"/v1/payment_methods/{quote(method_id, safe='')}"
