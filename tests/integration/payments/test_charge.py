import asyncio
from dataclasses import replace
from functools import partial

import pytest
import sqlalchemy as sa

from kalecart import tasks
from kalecart.database import ConstraintBroken
from kalecart.ids import StaffId, TaskId, new_id
from kalecart.jobs import ChargeOrder
from kalecart.orders import store as orders
from kalecart.orders.order import OrderMovedOn, OrderStatus
from kalecart.orders.pick import start_picking
from kalecart.payments.apply import apply_intent
from kalecart.payments.charge import charge_order
from kalecart.payments.intent import Finding, IntentSnapshot
from kalecart.payments.method import BrandNotAccepted, CardUnusable
from kalecart.payments.pay_again import NothingToPay, pay_again
from kalecart.payments.store import begin, open_attempt, write_charge
from kalecart.payments.stripe import ForgedEvent
from kalecart.payments.tables import attempt, inbox
from kalecart.tasks import alert
from tests.till import Till
from tests.waiting import somebody_waits

TOTAL = 4 * 500 + 499


async def status_of(till: Till, order_id: object) -> OrderStatus:
    async with till.runtime.db.transaction() as tx:
        return (await orders.lock(tx, order_id)).status  # ty: ignore[invalid-argument-type]


async def test_an_order_is_charged_once_and_paid(till: Till) -> None:
    """E26: what is collected is captured at once, so no authorisation can expire before it is."""
    order = await till.places(await till.a_shopper(), TOTAL)

    await till.work()

    assert await status_of(till, order.id) is OrderStatus.PAID
    assert await till.ledger() == await till.stripe_says() == [TOTAL]
    assert await till.tasks() == {
        f"charge_order:{order.id}:1": "done",
        f"send_mail:order_receipt:{order.id}": "pending",
    }


async def test_whichever_way_an_order_is_paid_its_receipt_is_promised_once(till: Till) -> None:
    """The usual end of a charge is one statement; without a task in hand it goes the general way."""
    order = await till.places(await till.a_shopper(), TOTAL)
    run = till.runtime
    job = ChargeOrder(order_id=order.id, attempt=1)
    await charge_order(job, None, db=run.db, gateway=run.gateway, clock=run.clock)

    await till.work()
    await till.work()

    assert await status_of(till, order.id) is OrderStatus.PAID
    assert await till.tasks() == {f"charge_order:{order.id}:1": "done", f"send_mail:order_receipt:{order.id}": "done"}


async def test_the_same_task_performed_by_many_charges_once(till: Till) -> None:
    await till.places(await till.a_shopper(), TOTAL)

    await asyncio.gather(*(till.work() for _ in range(5)))

    assert await till.ledger() == await till.stripe_says() == [TOTAL]


@pytest.mark.parametrize("method", ["pm_card_visa", "pm_card_chargeCustomerFail"])
async def test_whoever_lost_the_lease_during_the_call_still_writes_down_what_became_of_the_money(
    till: Till, method: str
) -> None:
    order = await till.places(await till.a_shopper(method), TOTAL)
    run, job = till.runtime, ChargeOrder(order_id=order.id, attempt=1)
    held = tasks.Held(TaskId(new_id()), job.topic, job.arguments(), 1, new_id())

    await charge_order(job, held, db=run.db, gateway=run.gateway, clock=run.clock)

    assert not held.finished
    assert await till.ledger() == await till.stripe_says() == ([TOTAL] if method == "pm_card_visa" else [])
    assert (await till.payment(order)).state == ("paid" if method == "pm_card_visa" else "declined")
    await till.work()
    assert (await till.tasks())[job.key] == "done"
    assert await till.ledger() == await till.stripe_says()


async def test_an_order_is_never_charged_above_what_its_customer_agreed_to(till: Till) -> None:
    """E37: there are no substitutes, and picking can only take away. Where Stripe collected more all the same, it is
    no payment of the order: nobody picks it, and staff are told."""
    order = await till.places(await till.a_shopper(), TOTAL)
    run, now = till.runtime, till.runtime.clock.now()
    async with run.db.direct() as pg:
        begun = await begin(pg, order.id, now=now)
        assert begun is not None
        made = await run.gateway.create_intent(
            order.id, amount_cents=TOTAL + 500, stripe_customer_id=begun.stripe_customer_id, key="dearer"
        )
        await open_attempt(pg, order.id, made.stripe_id, number=1, method_id=begun.method_id, now=now)
    await run.gateway.confirm_intent(
        made.stripe_id, method_id=begun.stripe_method_id, order_id=order.id, key="dearer too"
    )

    await till.work()

    assert await till.stripe_says() == [TOTAL + 500]
    assert (await till.ledger(), await status_of(till, order.id)) == ([], OrderStatus.PLACED)
    assert await till.alerts() == ["wrong_amount"]
    with pytest.raises(OrderMovedOn):
        await start_picking(order.id, by=StaffId(new_id()), db=run.db, clock=run.clock)
    with pytest.raises(ConstraintBroken, match="ledger_entry_one_charge"):
        async with run.db.transaction() as tx:
            for charge in ("ch_1", "ch_2"):
                await write_charge(tx, replace(made, amount_cents=TOTAL, charge_id=charge), now=now)


async def test_whoever_waits_while_a_try_is_written_finds_it_and_calls_nothing_off(till: Till) -> None:
    """A worker that was frozen past its lease, and the one that has its task now: neither takes the other's try for
    none, which would mean that the order was cancelled."""
    shopper = await till.a_shopper()
    order = await till.places(shopper, TOTAL)
    db, now = till.runtime.db, till.runtime.clock.now()
    try_it = partial(open_attempt, number=1, method_id=shopper.card, now=now)

    async with db.direct() as one, db.direct() as other:
        await begin(one, order.id, now=now)
        async with one.transaction():
            written = await try_it(one, order.id, "pi_1")
            waiting = asyncio.create_task(try_it(other, order.id, "pi_1"))
            await somebody_waits(db)
        found = await waiting

    assert written is not None
    assert found == replace(written, fresh=False)


@pytest.mark.parametrize("path", [r"/v1/payment_intents$", r"/v1/payment_intents/.*/confirm$"])
@pytest.mark.parametrize(
    "kind",
    [
        "error_500_before",
        "error_500_after_commit",
        "drop_before",
        "drop_after_commit",
        "conflict_409",
    ],
)
async def test_whatever_stripe_does_not_answer_ends_paid_once(till: Till, path: str, kind: str) -> None:
    """E21."""
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.fault(path, kind, times=2)

    await till.work()
    seen = (await till.payment(order)).state
    await till.work_until_quiet()

    assert seen == "confirming"
    assert await status_of(till, order.id) is OrderStatus.PAID
    assert await till.ledger() == await till.stripe_says() == [TOTAL]


async def test_a_declined_card_says_why_and_another_pays_the_same_order(till: Till) -> None:
    """E22: one intention, so the first card's try cannot complete beside the second's."""
    shopper = await till.a_shopper("pm_card_chargeCustomerFail")
    order = await till.places(shopper, TOTAL)
    await till.work()
    declined = await till.payment(order)

    other = await till.saves(shopper.customer_id, "pm_card_mastercard")
    run = till.runtime
    await pay_again(
        order.id, other.id, customer_id=shopper.customer_id, db=run.db, clock=run.clock, dispatcher=run.dispatcher
    )
    await till.work()

    assert (declined.state, declined.decline_code) == ("declined", "generic_decline")
    assert declined.decline_words
    assert await status_of(till, order.id) is OrderStatus.PAID
    assert await till.ledger() == await till.stripe_says() == [TOTAL]
    assert [each.state for each in (await till.payment(order)).attempts] == ["declined", "succeeded"]


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("pm_card_chargeDeclinedInsufficientFunds", "There was not enough money on the card."),
        ("pm_card_chargeDeclinedExpiredCard", "The card has expired."),
        ("pm_card_chargeDeclinedStolenCard", "The bank declined the card without giving a reason."),
    ],
)
async def test_a_card_the_bank_refuses_to_save_says_why_before_there_is_an_order(
    till: Till, card: str, words: str
) -> None:
    with pytest.raises(CardUnusable) as refused:
        await till.a_shopper(card)

    assert words in refused.value.detail


async def test_a_paid_order_takes_no_other_card(till: Till) -> None:
    shopper = await till.a_shopper()
    order = await till.places(shopper, TOTAL)
    await till.work()
    run = till.runtime

    with pytest.raises(NothingToPay):
        await pay_again(
            order.id,
            shopper.card,
            customer_id=shopper.customer_id,
            db=run.db,
            clock=run.clock,
            dispatcher=run.dispatcher,
        )


@pytest.mark.parametrize("card", ["pm_card_diners", "pm_card_jcb", "pm_card_unionpay"])
async def test_another_brand_is_refused_before_anything_is_attached(till: Till, card: str) -> None:
    """E23."""
    with pytest.raises(BrandNotAccepted) as refused:
        await till.a_shopper(card)

    assert "Nothing was charged" in refused.value.detail
    assert await till.stripe_says() == []


@pytest.mark.parametrize(
    "card", ["pm_card_visa", "pm_card_mastercard", "pm_card_amex", "pm_card_discover", "pm_card_visa_debit"]
)
async def test_the_four_brands_pay_credit_or_debit(till: Till, card: str) -> None:
    await till.places(await till.a_shopper(card), TOTAL)

    await till.work()

    assert await till.ledger() == [TOTAL]


async def test_an_event_before_during_and_after_changes_nothing_but_once(till: Till) -> None:
    """E27, E28."""
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.fault(r"/confirm$", "drop_after_commit")
    await till.work()
    (event,) = await till.events("payment_intent.succeeded")

    await asyncio.gather(*(till.hears(event) for _ in range(3)))
    await till.work_until_quiet()
    await till.hears(event)
    await till.work()

    assert await status_of(till, order.id) is OrderStatus.PAID
    assert await till.ledger() == await till.stripe_says() == [TOTAL]
    async with till.runtime.db.transaction() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(inbox)) == 1


async def test_the_event_alone_completes_an_order_whose_worker_died(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.fault(r"/confirm$", "drop_after_commit")
    await till.work()
    (event,) = await till.events("payment_intent.succeeded")

    await till.hears(event)
    await till.work()

    assert await status_of(till, order.id) is OrderStatus.PAID
    async with till.runtime.db.transaction() as tx:
        assert await tx.scalar(sa.select(attempt.c.state)) == "succeeded"


async def test_worker_and_event_at_the_same_instant_complete_the_order_once(till: Till) -> None:
    """Each waits for the other's lock: whoever comes second must see what the first has written (E25)."""
    for _ in range(6):
        await till.places(await till.a_shopper(), TOTAL)
    await till.fault(r"/confirm$", "drop_after_commit", times=6)
    await till.work()
    run = till.runtime
    snapshots = [await run.gateway.read_intent(stripe_id) for stripe_id in await till.stripe_ids()]

    async def bring_into_the_books(snapshot: IntentSnapshot) -> Finding | None:
        async with run.db.transaction() as tx:
            return await apply_intent(tx, snapshot, now=run.clock.now())

    found = await asyncio.gather(*(bring_into_the_books(each) for each in snapshots for _ in range(4)))

    assert found.count(Finding.PAID) == 6
    assert found.count(Finding.NOTHING) == 18
    assert await till.ledger() == [TOTAL] * 6


async def test_a_payment_cancelled_at_stripe_is_told_to_staff(till: Till) -> None:
    order = await till.places(await till.a_shopper("pm_card_chargeCustomerFail"), TOTAL)
    await till.work()
    run = till.runtime
    snapshot = await run.gateway.read_intent((await till.stripe_ids())[0])

    async with run.db.transaction() as tx:
        await apply_intent(tx, replace(snapshot, status="canceled"), now=run.clock.now())

    assert (await till.payment(order)).state == "canceled"
    async with run.db.transaction() as tx:
        assert await tx.scalar(sa.select(alert.c.kind)) == "payment_canceled"


async def test_a_late_failure_of_the_first_card_does_not_undo_the_second(till: Till) -> None:
    """E29."""
    shopper = await till.a_shopper("pm_card_chargeCustomerFail")
    order = await till.places(shopper, TOTAL)
    await till.work()
    (failed,) = await till.events("payment_intent.payment_failed")
    other = await till.saves(shopper.customer_id, "pm_card_visa")
    run = till.runtime
    await pay_again(
        order.id, other.id, customer_id=shopper.customer_id, db=run.db, clock=run.clock, dispatcher=run.dispatcher
    )

    await till.hears(failed)
    await till.work_until_quiet()

    assert await status_of(till, order.id) is OrderStatus.PAID
    assert await till.stripe_says() == [TOTAL]


async def test_a_forged_or_stale_event_stores_nothing(till: Till) -> None:
    """E30."""
    await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    (event,) = await till.events("payment_intent.succeeded")

    for wrong in ({"secret": "whsec_other"}, {"age_s": 301}):
        with pytest.raises(ForgedEvent):
            await till.hears(event, **wrong)  # ty: ignore[invalid-argument-type]

    async with till.runtime.db.transaction() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(inbox)) == 0


async def test_an_event_about_a_payment_that_is_not_ours_is_kept_and_told(till: Till) -> None:
    """E31."""
    customer = await till.runtime.gateway.create_customer(till.runtime.clock.now(), key="foreign")  # ty: ignore[invalid-argument-type]
    intent = await till.runtime.gateway.create_intent(
        "not-an-order",  # ty: ignore[invalid-argument-type]
        amount_cents=100,
        stripe_customer_id=customer,
        key="foreign-intent",
    )
    event = {
        "id": "evt_foreign",
        "object": "event",
        "type": "payment_intent.succeeded",
        "livemode": False,
        "data": {"object": {"id": intent.stripe_id}},
    }

    await till.hears(event)
    await till.work()

    async with till.runtime.db.transaction() as tx:
        assert await tx.scalar(sa.select(inbox.c.outcome)) == "foreign"
        assert await tx.scalar(sa.select(alert.c.kind)) == "foreign_payment"


async def test_a_task_that_never_succeeds_becomes_a_dead_letter_and_is_told(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.fault(r"/v1/payment_intents$", "drop_before", times=100)

    await till.work_until_quiet(rounds=14)

    assert (await till.tasks())[f"charge_order:{order.id}:1"] == "dead"
    async with till.runtime.db.transaction() as tx:
        assert await tx.scalar(sa.select(alert.c.kind)) == "dead_letter"
