"""Bank accounts of signed-up customers: kept by a mandate, debited for days, and taken back late (C1, C15, E24)."""

import hashlib
from dataclasses import replace

import pytest
import sqlalchemy as sa

from kalecart.consent.tables import consent_words
from kalecart.errors import Invalid, NotFound, Unavailable
from kalecart.ids import CustomerId, PaymentMethodId, StaffId, new_id
from kalecart.orders.order import OrderStatus
from kalecart.orders.pick import start_picking
from kalecart.orders.refusals import AccountBarred, AccountNotConfirmed, UnknownCard
from kalecart.orders.tables import customer_order
from kalecart.payments.bank_account import (
    MANDATE_SHA256,
    MANDATE_WORDS,
    Acceptance,
    AccountUnusable,
    BankAccountNotAllowed,
    Proof,
    WrongDeposit,
)
from kalecart.payments.judge import judge
from kalecart.payments.lift_bars import lift_bars
from kalecart.payments.method import CardUnusable, PaymentMethodView
from kalecart.payments.pay_again import pay_again
from kalecart.payments.reads import methods_of
from kalecart.payments.save_account import begin_account, finish_account, save_account, setup_of
from kalecart.payments.tables import attempt, mandate
from kalecart.payments.verify_account import verify_account
from tests.builders import Shopper, a_customer
from tests.till import Till

TOTAL = 4 * 500 + 499
ACCEPTED = Acceptance(words_sha256=MANDATE_SHA256, origin="203.0.113.7", agent="a browser")


async def saved(till: Till, customer_id: CustomerId) -> list[PaymentMethodView]:
    async with till.runtime.db.transaction() as tx:
        return list(await methods_of(tx, customer_id, till.runtime.vault))


async def verifies(till: Till, method_id: PaymentMethodId, customer_id: CustomerId, proof: str) -> None:
    run = till.runtime
    asked = {"customer_id": customer_id, "db": run.db, "gateway": run.gateway, "clock": run.clock}
    await verify_account(method_id, Proof.parse(proof), **asked)  # ty: ignore[invalid-argument-type]


async def pays_again(till: Till, order_id: object, shopper: Shopper, method_id: PaymentMethodId) -> None:
    run = till.runtime
    await pay_again(
        order_id,  # ty: ignore[invalid-argument-type]
        method_id,
        customer_id=shopper.customer_id,
        db=run.db,
        clock=run.clock,
        dispatcher=run.dispatcher,
    )


async def goes_ahead(till: Till) -> list[bool]:
    async with till.runtime.db.transaction() as tx:
        return list((await tx.execute(sa.select(customer_order.c.goes_ahead).order_by(customer_order.c.id))).scalars())


async def fills(till: Till, shopper: Shopper) -> None:
    """Another cart after an order."""
    shopper.token = None
    await shopper.puts("kale", 4, now=till.runtime.clock.now())
    till.runtime.clock.advance(seconds=1)  # ty: ignore[unresolved-attribute]  # a FakeClock


# Saving


async def test_an_account_is_kept_with_the_words_its_owner_agreed_to(till: Till) -> None:
    customer_id = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())

    kept = await till.saves_account(customer_id)
    (account,) = await saved(till, customer_id)

    assert (account.id, account.kind, account.last4, account.usable) == (kept.id, "bank", "6789", True)
    async with till.runtime.db.transaction() as tx:
        agreed = (await tx.execute(sa.select(mandate))).one()
        words = await tx.scalar(sa.select(consent_words.c.text).where(consent_words.c.sha256 == agreed.words_sha256))
    assert (agreed.payment_method_id, agreed.accepted_at) == (kept.id, till.runtime.clock.now())
    assert words == MANDATE_WORDS
    assert hashlib.sha256(MANDATE_WORDS.encode()).digest() == agreed.words_sha256


async def test_the_same_account_sent_twice_is_kept_once(till: Till) -> None:
    customer_id = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())

    stripe_id = await typed_in(till)

    ids = {(await till.saves_account(customer_id, stripe_id)).id for _ in range(2)}

    assert [account.id for account in await saved(till, customer_id)] == list(ids)


async def test_nobody_agrees_to_words_they_were_not_shown(till: Till) -> None:
    customer_id = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())

    with pytest.raises(Invalid):
        await save_account(
            "pm_usBankAccount_success", replace(ACCEPTED, words_sha256=b"other"), till.counter(customer_id)
        )

    assert await saved(till, customer_id) == []


async def test_what_a_browser_typed_into_stripes_dialog_is_kept_by_asking_stripe(till: Till) -> None:
    customer_id = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())
    stranger = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())
    begun = await begin_account(till.counter(customer_id))
    with pytest.raises(AccountUnusable):
        await finish_account(begun.stripe_id, ACCEPTED, till.counter(customer_id))

    await till.stripe(f"/v1/setup_intents/{begun.stripe_id}", payment_method="pm_usBankAccount_success")
    with pytest.raises(NotFound):
        await setup_of(begun.stripe_id, till.counter(stranger))
    kept = {(await finish_account(begun.stripe_id, ACCEPTED, till.counter(customer_id))).id for _ in range(2)}

    assert [account.id for account in await saved(till, customer_id)] == list(kept)


async def test_an_account_is_no_card_and_a_card_is_no_account(till: Till) -> None:
    customer_id = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())

    with pytest.raises(CardUnusable):
        await till.saves(customer_id, "pm_usBankAccount_success")
    with pytest.raises(AccountUnusable):
        await till.saves_account(customer_id, "pm_card_visa")


async def typed(till: Till, customer_id: CustomerId) -> PaymentMethodView:
    """An account that was typed in and not linked: its owner has to prove it by a small deposit."""
    return await till.saves_account(customer_id, await typed_in(till))


async def typed_in(till: Till) -> str:
    account = {"us_bank_account[account_number]": "000123456789", "us_bank_account[routing_number]": "110000000"}
    made = await till.stripe(
        "/v1/payment_methods", type="us_bank_account", **{"billing_details[name]": "Ada"}, **account
    )
    return made["id"]


async def test_an_error_of_stripes_own_while_saving_an_account_is_not_repeated_for_a_day(till: Till) -> None:
    customer_id = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())
    stripe_id = await typed_in(till)
    await till.fault(r"/v1/setup_intents$", "error_500_after_commit")
    with pytest.raises(Unavailable):
        await till.saves_account(customer_id, stripe_id)

    await till.saves_account(customer_id, stripe_id)

    assert [account.last4 for account in await saved(till, customer_id)] == ["6789"]


async def test_a_typed_account_pays_once_its_small_deposit_is_confirmed(till: Till) -> None:
    shopper = await till.a_shopper()
    account = await typed(till, shopper.customer_id)
    shopper.card = account.id
    assert not account.usable
    with pytest.raises(AccountNotConfirmed):
        await till.places(shopper, TOTAL)

    with pytest.raises(WrongDeposit):
        await verifies(till, account.id, shopper.customer_id, "SM99ZZ")
    await verifies(till, account.id, shopper.customer_id, "SM11AA")
    order = await till.places(shopper, TOTAL)
    await till.work()

    assert (await till.payment(order)).state == "processing"


async def test_an_account_that_can_no_longer_be_confirmed_is_removed(till: Till) -> None:
    customer_id = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())
    account = await typed(till, customer_id)

    with pytest.raises(AccountUnusable):
        await verifies(till, account.id, customer_id, "SM33CC")

    assert await saved(till, customer_id) == []


async def test_an_account_that_was_confirmed_on_stripes_own_page_is_confirmed_here(till: Till) -> None:
    customer_id = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())
    await typed(till, customer_id)
    (setup,) = await till.events("setup_intent.requires_action")
    waiting = setup["data"]["object"]["id"]
    await till.stripe(f"/v1/setup_intents/{waiting}/verify_microdeposits", descriptor_code="SM11AA")

    await till.bank_answers()

    assert [account.verified for account in await saved(till, customer_id)] == [True]


# The four endings of a debit


async def test_a_debit_is_in_processing_until_the_bank_has_paid(till: Till) -> None:
    order = await till.places(await till.pays_from("pm_usBankAccount_success"), TOTAL)
    await till.work()
    assert (await till.payment(order)).state == "processing"
    assert (await till.ledger(), await till.status(order)) == ([], OrderStatus.PLACED)

    await till.bank_answers()

    assert await till.status(order) is OrderStatus.PAID
    assert await till.told(order) == ["placed", "processing", "paid"]
    assert await till.ledger() == await till.stripe_says() == [TOTAL]
    assert set((await till.tasks()).values()) == {"done"}


async def test_a_debit_that_the_bank_sends_back_lets_a_card_pay_and_bars_the_account(till: Till) -> None:
    shopper = await till.pays_from("pm_usBankAccount_insufficientFunds")
    account = shopper.card
    order = await till.places(shopper, TOTAL)
    await till.work()

    await till.bank_answers()

    payment = await till.payment(order)
    assert (payment.state, payment.kind, payment.can_pay_again) == ("declined", "bank", True)
    assert payment.decline_words == "There was not enough money in the bank account."
    with pytest.raises(AccountBarred):
        await pays_again(till, order.id, shopper, account)
    card = next(method for method in await saved(till, shopper.customer_id) if method.is_card)
    await pays_again(till, order.id, shopper, card.id)
    await till.work()
    assert await till.status(order) is OrderStatus.PAID
    assert await till.ledger() == await till.stripe_says() == [TOTAL]


async def test_a_debit_taken_back_after_it_had_succeeded_is_a_lost_dispute_and_ends_the_mandate(till: Till) -> None:
    shopper = await till.pays_from("pm_usBankAccount_dispute")
    order = await till.places(shopper, TOTAL)
    await till.work()

    await till.bank_answers()
    await till.bank_answers()

    assert await till.status(order) is OrderStatus.PAID
    assert await till.ledger() == [TOTAL, -TOTAL]
    assert await till.kept() == (0, 0)
    assert [method.kind for method in await saved(till, shopper.customer_id)] == ["card"]
    with pytest.raises(BankAccountNotAllowed, match="taken back through your bank"):
        await till.saves_account(shopper.customer_id, "pm_usBankAccount_success")


async def test_a_debit_that_never_ends_is_given_back_when_its_order_is_cancelled(till: Till) -> None:
    order = await till.places(await till.pays_from("pm_usBankAccount_processing"), TOTAL)
    await till.work()

    await till.cancels(order)
    await till.work_until_quiet(3)

    assert await till.status(order) is OrderStatus.CANCELLED
    assert (await till.payment(order)).state == "canceled"
    assert await till.kept() == (0, 0)


async def test_an_account_whose_mandate_ended_at_stripe_is_a_decline_and_nothing_is_stuck(till: Till) -> None:
    shopper = await till.pays_from("pm_usBankAccount_accountClosed")
    first = await till.places(shopper, TOTAL)
    await till.work()
    await till.bank_answers()
    assert (await till.payment(first)).state == "declined"
    async with till.runtime.db.transaction() as tx:
        # As if the bar had been lifted: Stripe blocks the account all the same.
        await tx.execute(sa.update(attempt).values(ended_at=till.runtime.clock.now().replace(year=2020)))
        await judge(tx, shopper.customer_id, now=till.runtime.clock.now())
    await pays_again(till, first.id, shopper, shopper.card)
    await till.work()

    assert (await till.payment(first)).state == "declined"
    await till.work_until_quiet(rounds=2)
    assert set((await till.tasks()).values()) == {"done"}


# Standing


async def test_a_bank_account_offered_by_someone_whose_payment_record_does_not_allow_it_is_refused_with_the_reason(
    till: Till,
) -> None:
    """E24. Their cards go on working."""
    shopper = await till.pays_from("pm_usBankAccount_noAccount")
    account, card = shopper.card, (await saved(till, shopper.customer_id))[-1]
    await till.places(shopper, TOTAL)
    await till.work()
    await till.bank_answers()

    with pytest.raises(BankAccountNotAllowed, match="sent a debit of ours back") as refused:
        await till.saves_account(shopper.customer_id, "pm_usBankAccount_success")
    assert refused.value.members["hindrance"] == "returned_debit"
    await fills(till, shopper)
    shopper.card = account
    with pytest.raises(AccountBarred):
        await till.places(shopper, TOTAL, key="key-2")
    shopper.card = card.id
    order = await till.places(shopper, TOTAL, key="key-3")
    await till.work()
    assert await till.status(order) is OrderStatus.PAID


async def test_the_bar_is_lifted_on_the_day_that_was_named(till: Till) -> None:
    shopper = await till.pays_from("pm_usBankAccount_insufficientFunds")
    await till.places(shopper, TOTAL)
    await till.work()
    await till.bank_answers()
    run = till.runtime

    for days, barred in ((89, True), (1, False)):
        run.clock.advance(days=days)  # ty: ignore[unresolved-attribute]  # a FakeClock
        await lift_bars(None, db=run.db, clock=run.clock)
        assert [a.barred for a in await saved(till, shopper.customer_id) if not a.is_card] == [barred]


async def test_three_declined_cards_bar_a_bank_account_and_no_card(till: Till) -> None:
    shopper = await till.a_shopper("pm_card_chargeCustomerFail")
    await till.saves_account(shopper.customer_id)
    order = await till.places(shopper, TOTAL)
    await till.work()

    for _ in range(2):
        await pays_again(till, order.id, shopper, shopper.card)
        await till.work()

    assert {m.kind: m.usable for m in await saved(till, shopper.customer_id)} == {"card": True, "bank": False}


async def test_another_customers_account_pays_for_nothing(till: Till) -> None:
    shopper, other = await till.a_shopper(), await till.pays_from("pm_usBankAccount_success")
    shopper.card = other.card

    with pytest.raises(UnknownCard):
        await till.places(shopper, TOTAL)


# Going ahead


async def with_debits_paid(till: Till, shopper: Shopper, count: int) -> None:
    for number in range(count):
        await till.places(shopper, TOTAL, key=f"before-{number}")
        await till.work()
        await till.bank_answers()
        await fills(till, shopper)


async def test_an_order_goes_ahead_while_the_bank_works_once_three_debits_were_paid(till: Till) -> None:
    shopper = await till.pays_from("pm_usBankAccount_success")
    await with_debits_paid(till, shopper, 3)
    assert await goes_ahead(till) == [False] * 3

    order = await till.places(shopper, TOTAL)
    await till.work()
    await till.work()

    assert await goes_ahead(till) == [False, False, False, True]
    assert await till.told(order) == ["placed", "processing", "goes_ahead"]
    staff = StaffId(new_id())
    await start_picking(order.id, by=staff, db=till.runtime.db, clock=till.runtime.clock)
    (debit,) = [i["id"] for i in (await till.ask("GET", "ledger"))["intents"] if i["status"] == "processing"]
    await till.ask("POST", f"debits/{debit}/settle", outcome="failed")
    await till.bank_answers()

    assert "unpaid_goods" in await till.alerts()
    payment = await till.payment(order)
    assert (payment.state, payment.can_pay_again) == ("declined", True)
    await pays_again(till, order.id, shopper, (await saved(till, shopper.customer_id))[-1].id)
    await till.work()
    assert await till.status(order) is OrderStatus.PICKING
    assert sum(await till.ledger()) == 4 * TOTAL


async def test_an_order_no_longer_goes_ahead_when_its_debit_comes_back_before_it_is_picked(till: Till) -> None:
    shopper = await till.pays_from("pm_usBankAccount_success")
    await with_debits_paid(till, shopper, 3)
    order = await till.places(shopper, TOTAL)
    await till.work()
    await till.work()
    (debit,) = [i["id"] for i in (await till.ask("GET", "ledger"))["intents"] if i["status"] == "processing"]

    await till.ask("POST", f"debits/{debit}/settle", outcome="failed")
    await till.bank_answers()

    assert await goes_ahead(till) == [False] * 4
    assert (await till.payment(order)).state == "declined"
    assert "unpaid_goods" not in await till.alerts()
