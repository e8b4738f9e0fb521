"""What the stand-in for Stripe says about a customer, as a package tells it (C10)."""

import sqlalchemy as sa

from kalecart.customers.tables import customer
from tests.till import Till


async def test_stripe_is_asked_for_the_customer_and_what_they_pay_with(till: Till) -> None:
    shopper = await till.pays_from("pm_usBankAccount_success")
    async with till.runtime.db.snapshot() as tx:
        whose = sa.select(customer.c.stripe_customer_id).where(customer.c.id == shopper.customer_id)
        known = await tx.scalar(whose)
    assert known is not None

    held = await till.runtime.gateway.held_about(known)

    assert [each["kind"] for each in held] == ["customer", "us_bank_account", "card"]
    assert held[0]["metadata"]["customer_id"] == str(shopper.customer_id)
    assert len(held[1]["last4"]) == 4
