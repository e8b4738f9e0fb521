"""The end of an account's waiting for its proof, learned from two sides at once."""

from dataclasses import dataclass

import pytest

from kalecart.ids import CustomerId, PaymentMethodId
from kalecart.payments import store_methods
from kalecart.payments.bank_account import AccountUnusable, Proof
from kalecart.payments.reads import methods_of
from kalecart.payments.verify_account import verify_account
from tests.builders import a_customer
from tests.till import Till


@dataclass
class SlowToRefuse:
    """Stripe, which has no more tries to give; its event about the same account is settled before we hear so."""

    till: Till
    method_id: PaymentMethodId
    verified: bool

    async def verify_deposits(self, _stripe_id: str, _proof: Proof) -> bool:
        async with self.till.runtime.db.transaction() as tx:
            now = self.till.runtime.clock.now()
            await store_methods.end_waiting(tx, self.method_id, verified=self.verified, now=now)
        return False


async def a_waiting_account(till: Till) -> tuple[CustomerId, PaymentMethodId]:
    customer_id = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())
    typed = {"us_bank_account[account_number]": "000123456789", "us_bank_account[routing_number]": "110000000"}
    made = await till.stripe("/v1/payment_methods", type="us_bank_account", **{"billing_details[name]": "Ada"}, **typed)
    return customer_id, (await till.saves_account(customer_id, made["id"])).id


async def proves(till: Till, customer_id: CustomerId, method_id: PaymentMethodId, *, verified: bool) -> None:
    run = till.runtime
    gateway = SlowToRefuse(till, method_id, verified)
    asked = {"customer_id": customer_id, "db": run.db, "clock": run.clock}
    await verify_account(method_id, Proof.parse("SM33CC"), gateway=gateway, **asked)  # ty: ignore[invalid-argument-type]


async def test_an_account_that_an_event_confirmed_meanwhile_is_not_removed_by_our_answer(till: Till) -> None:
    customer_id, method_id = await a_waiting_account(till)

    await proves(till, customer_id, method_id, verified=True)

    async with till.runtime.db.transaction() as tx:
        [kept] = await methods_of(tx, customer_id, till.runtime.vault)
    assert kept.usable


async def test_an_account_that_an_event_removed_meanwhile_is_told_to_be_gone(till: Till) -> None:
    customer_id, method_id = await a_waiting_account(till)

    with pytest.raises(AccountUnusable):
        await proves(till, customer_id, method_id, verified=False)

    async with till.runtime.db.transaction() as tx:
        assert await methods_of(tx, customer_id, till.runtime.vault) == []
