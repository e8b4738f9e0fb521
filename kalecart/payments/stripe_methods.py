"""Stripe's customers, cards and bank accounts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import stripe
import structlog

from kalecart.ids import CustomerId
from kalecart.payments import described
from kalecart.payments.bank_account import (
    SUCCEEDED,
    TO_VERIFY,
    Acceptance,
    AccountUnusable,
    BankSetup,
    MandateSnapshot,
    Proof,
    WrongDeposit,
)
from kalecart.payments.decline import decline_words
from kalecart.payments.gateway import NotAtStripe
from kalecart.payments.method import CardSnapshot, CardUnusable, MethodSnapshot
from kalecart.payments.stripe_calls import MISSING, StripeCalls, body_of

BANK: Final = "us_bank_account"
_SETUPS: Final = "/v1/setup_intents"
_EXPANDED: Final = ["payment_method"]

log = structlog.get_logger()


class StripeMethods(StripeCalls):
    """What a customer pays with."""

    async def create_customer(self, customer_id: CustomerId, *, key: str) -> str:
        asked = self._ask("post", "/v1/customers", metadata={"customer_id": str(customer_id)}, idempotency_key=key)
        return (await asked)["id"]

    async def held_about(self, stripe_customer_id: str) -> Sequence[Mapping[str, Any]]:
        path = f"/v1/customers/{quote(stripe_customer_id, safe='')}"
        person = await self._read(path)
        if person.get("deleted"):
            raise NotAtStripe("Nothing of this id is there.")
        means = await self._ask("get", f"{path}/payment_methods", limit=100)
        return [described.held(person), *(described.held(each) for each in means["data"])]

    async def delete_customer(self, stripe_customer_id: str, *, key: str) -> None:
        path = f"/v1/customers/{quote(stripe_customer_id, safe='')}"
        try:
            await self._ask("delete", path, idempotency_key=key)
        except stripe.InvalidRequestError as error:
            if error.code != MISSING:
                raise

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

    async def begin_setup(self, *, stripe_customer_id: str, key: str) -> BankSetup:
        return described.setup(
            await self._ask(
                "post",
                _SETUPS,
                customer=stripe_customer_id,
                payment_method_types=[BANK],
                usage="off_session",
                idempotency_key=key,
            )
        )

    async def read_setup(self, setup_id: str) -> BankSetup | None:
        try:
            return described.setup(await self._ask("get", _setup(setup_id), expand=_EXPANDED))
        except stripe.InvalidRequestError as error:
            if error.code != MISSING:
                raise
            return None

    async def confirm_setup(self, setup_id: str, accepted: Acceptance, *, key: str) -> BankSetup:
        return await self._setting_up(f"{_setup(setup_id)}/confirm", accepted, key)

    async def set_up(self, method_id: str, accepted: Acceptance, *, stripe_customer_id: str, key: str) -> BankSetup:
        asked = {"customer": stripe_customer_id, "payment_method": method_id, "payment_method_types": [BANK]}
        return await self._setting_up(_SETUPS, accepted, key, **asked, usage="off_session", confirm=True)

    async def _setting_up(self, path: str, accepted: Acceptance, key: str, **asked: Any) -> BankSetup:
        online = {"ip_address": accepted.origin or "0.0.0.0", "user_agent": accepted.agent or "unknown"}  # noqa: S104  # says nothing
        mandate = {"customer_acceptance": {"type": "online", "online": online}}
        call = self._ask("post", path, **asked, mandate_data=mandate, expand=_EXPANDED, idempotency_key=key)
        try:
            return described.setup(await call)
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            log.warning("stripe_refused_method", code=error.code)
            raise AccountUnusable("Stripe does not take it. Enter it again, or use a card.") from None

    async def verify_deposits(self, method_id: str, proof: Proof) -> bool:
        setups = (await self._ask("get", _SETUPS, payment_method=method_id, limit=10))["data"]
        waiting = [one for one in setups if one["status"] == TO_VERIFY]
        if not waiting:
            return any(one["status"] == SUCCEEDED for one in setups)
        asked = {"descriptor_code": proof.code} if proof.code else {"amounts": list(proof.amounts or ())}
        try:
            setup = await self._ask("post", f"{_setup(waiting[0]['id'])}/verify_microdeposits", **asked)
        except stripe.InvalidRequestError as error:
            if (error.code or "").endswith(("_exceeded", "_timeout")):
                return False
            raise WrongDeposit("Look at the statement of your bank account again. A few tries are left.") from None
        return setup["status"] == SUCCEEDED

    async def read_mandate(self, mandate_id: str) -> MandateSnapshot:
        return described.mandate(await self._read(f"/v1/mandates/{quote(mandate_id, safe='')}"))


def _setup(setup_id: str) -> str:
    return f"{_SETUPS}/{quote(setup_id, safe='')}"


def _method(method_id: str) -> str:
    return f"/v1/payment_methods/{quote(method_id, safe='')}"
