from dataclasses import replace

import pytest

from kalecart.payments.apply_dispute import apply_dispute
from kalecart.payments.refund import NothingToRefund
from tests.till import Till

TOTAL = 4 * 500 + 499


async def all_heard(till: Till, kind: str) -> None:
    for event in await till.events(kind):
        await till.hears(event)
    await till.work_until_quiet(rounds=2)


async def test_a_dispute_takes_the_money_out_of_the_books_and_is_never_refunded_as_well(till: Till) -> None:
    order = await till.places(await till.a_shopper("pm_card_createDispute"), TOTAL)
    await till.work()
    await till.ask("POST", "hurry")

    await all_heard(till, "charge.dispute.created")

    assert await till.ledger() == [TOTAL, -TOTAL]
    assert await till.kept() == (0, 0)
    assert "dispute" in await till.alerts()
    with pytest.raises(NothingToRefund):
        await till.refunds(order)


@pytest.mark.parametrize(("outcome", "ledger"), [("won", [TOTAL, -TOTAL, TOTAL]), ("lost", [TOTAL, -TOTAL])])
async def test_a_dispute_that_ends_is_followed(till: Till, outcome: str, ledger: list[int]) -> None:
    order = await till.places(await till.a_shopper("pm_card_createDispute"), TOTAL)
    await till.work()
    await till.ask("POST", "hurry")
    dispute = (await till.events("charge.dispute.created"))[0]["data"]["object"]["id"]
    await till.ask("POST", f"disputes/{dispute}/settle", outcome=outcome)

    # Closed is told before opened, and everything twice.
    for _ in range(2):
        for kind in ("closed", "funds_reinstated", "updated", "created", "funds_withdrawn"):
            await all_heard(till, f"charge.dispute.{kind}")

    assert await till.ledger() == ledger
    assert (await till.told(order))[-1] == f"dispute_{outcome}"
    ours, stripes = await till.kept()
    assert ours == stripes


async def test_an_inquiry_takes_no_money(till: Till) -> None:
    order = await till.places(await till.a_shopper("pm_card_createDisputeInquiry"), TOTAL)
    await till.work()
    await till.ask("POST", "hurry")

    await all_heard(till, "charge.dispute.created")

    assert await till.ledger() == [TOTAL]
    assert "disputed" in await till.told(order)


async def test_a_dispute_told_before_its_charge_brings_both_into_the_books(till: Till) -> None:
    """E27: the answer to the charge was lost, and the dispute is the first that is heard."""
    await till.fault("/confirm$", "drop_after_commit")
    await till.places(await till.a_shopper("pm_card_createDispute"), TOTAL)
    await till.work()
    await till.ask("POST", "hurry")

    await all_heard(till, "charge.dispute.created")

    assert await till.ledger() == [TOTAL, -TOTAL]
    assert set((await till.tasks()).values()) == {"done"}


async def test_an_amount_stripe_names_later_moves_nothing_and_what_comes_back_is_what_was_taken(till: Till) -> None:
    await till.places(await till.a_shopper("pm_card_createDispute"), TOTAL)
    await till.work()
    await till.ask("POST", "hurry")
    await all_heard(till, "charge.dispute.created")
    run = till.runtime
    seen = await run.gateway.read_dispute((await till.events("charge.dispute.created"))[0]["data"]["object"]["id"])

    for status in ("under_review", "won"):
        async with run.db.transaction() as tx:
            await apply_dispute(tx, replace(seen, amount_cents=TOTAL - 1, status=status), now=run.clock.now())

    assert await till.ledger() == [TOTAL, -TOTAL, TOTAL]
