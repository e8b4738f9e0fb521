"""Every invariant is broken on purpose once, and named."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.ids import new_id
from kalecart.jobs import SettleEvent
from kalecart.orders.order import Order
from kalecart.payments.invariants import INVARIANTS
from kalecart.payments.prove import prove
from tests.till import Till

TOTAL = 4 * 500 + 499


async def exceptions(till: Till) -> dict[str, tuple[str, ...]]:
    async with till.runtime.db.snapshot() as tx:
        proofs = await prove(tx, now=till.runtime.clock.now())
    return {proof.invariant.name: proof.exceptions for proof in proofs if not proof.holds}


async def run(till: Till, *statements: str, **values: Any) -> None:
    async with till.runtime.db.transaction() as tx:
        for statement in statements:
            await tx.execute(sa.text(statement), values)


async def a_paid_order(till: Till, card: str = "pm_card_visa") -> Order:
    order = await till.places(await till.a_shopper(card), TOTAL)
    await till.work()
    await till.work()  # the letter that paying promises
    return order


async def test_a_day_of_every_kind_of_payment_breaks_nothing(till: Till) -> None:
    await a_paid_order(till)
    await till.refunds(await a_paid_order(till), amount_cents=300)
    await till.cancels(await a_paid_order(till))
    await a_paid_order(till, "pm_card_chargeCustomerFail")
    await a_paid_order(till, "pm_card_createDispute")
    await till.ask("POST", "hurry")
    for event in await till.events("charge.dispute.created"):
        await till.hears(event)
    await till.work_until_quiet()

    assert await exceptions(till) == {}


async def unpaid(till: Till) -> str:
    order = await a_paid_order(till)
    await run(till, "DELETE FROM ledger_entry")
    return str(order.id)


async def charged_twice(till: Till) -> str:
    order = await a_paid_order(till)
    await run(
        till,
        "INSERT INTO attempt (id, order_id, number, payment_method_id, state, sent_at)"
        " SELECT gen_random_uuid(), order_id, 2, payment_method_id, 'succeeded', sent_at FROM attempt",
    )
    return str(order.id)


async def a_dearer_line(till: Till) -> str:
    order = await a_paid_order(till)
    await run(till, "UPDATE order_line SET quantity = quantity + 1")
    return str(order.id)


async def refunded_too_much(till: Till) -> str:
    order = await a_paid_order(till)
    await till.refunds(order)
    await till.work()
    await run(
        till,
        "UPDATE refund SET amount_cents = amount_cents + 1",
        "UPDATE ledger_entry SET amount_cents = amount_cents - 1 WHERE kind = 'refund'",
    )
    return str(order.id)


async def a_refund_without_its_entry(till: Till) -> str:
    await till.refunds(await a_paid_order(till), amount_cents=100)
    await till.work()
    await run(till, "DELETE FROM ledger_entry WHERE kind = 'refund'")
    return await till.one("SELECT id::text FROM refund")


async def a_dispute_without_its_entry(till: Till) -> str:
    await a_paid_order(till, "pm_card_createDispute")
    await till.ask("POST", "hurry")
    for event in await till.events("charge.dispute.created"):
        await till.hears(event)
    await till.work()
    await run(till, "DELETE FROM ledger_entry WHERE kind = 'dispute'")
    return await till.one("SELECT stripe_id FROM dispute")


async def cancelled_and_not_refunded(till: Till) -> str:
    order = await a_paid_order(till)
    await till.cancels(order)
    await run(till, "DELETE FROM task WHERE topic = 'settle_cancellation'")
    await till.work()
    till.runtime.clock.advance(minutes=6)  # ty: ignore[unresolved-attribute]
    return str(order.id)


async def forgotten(till: Till) -> str:
    order = await till.places(await till.a_shopper(), TOTAL)
    await run(till, "DELETE FROM task WHERE topic = 'charge_order'")
    return str(order.id)


async def a_refund_nobody_sends(till: Till) -> str:
    await till.refunds(await a_paid_order(till), amount_cents=100)
    await run(till, "UPDATE task SET state = 'discarded', ended_at = promised_at WHERE topic = 'send_refund'")
    return await till.one("SELECT id::text FROM refund")


async def a_try_left_open(till: Till) -> str:
    order = await a_paid_order(till)
    await run(till, "UPDATE attempt SET state = 'unknown'")
    return str(order.id)


async def a_late_task(till: Till) -> str:
    await till.places(await till.a_shopper(), TOTAL)
    till.runtime.clock.advance(minutes=6)  # ty: ignore[unresolved-attribute]
    return await till.one("SELECT id::text FROM task")


async def a_silent_dead_letter(till: Till) -> str:
    await till.places(await till.a_shopper(), TOTAL)
    await run(till, "UPDATE task SET state = 'dead', ended_at = :now", now=till.runtime.clock.now())
    return await till.one("SELECT id::text FROM task")


async def an_event_nobody_settles(till: Till) -> str:
    row = {"id": "evt_1", "now": till.runtime.clock.now()}
    await run(
        till,
        "INSERT INTO inbox (event_id, type, object_id, received_at) VALUES (:id, 'refund.updated', 're_1', :now)",
        **row,
    )
    return "evt_1"


async def a_place_taken_by_nobody(till: Till) -> str:
    await a_paid_order(till)
    await run(till, "UPDATE delivery_window SET taken = taken + 1")
    return await till.one("SELECT id::text FROM delivery_window")


BREAKS: dict[str, Callable[[Till], Awaitable[str]]] = {
    "paid_means_charged": unpaid,
    "charged_once": charged_twice,
    "costs_what_its_lines_cost": a_dearer_line,
    "refunds_within_charge": refunded_too_much,
    "refunds_are_booked": a_refund_without_its_entry,
    "disputes_are_booked": a_dispute_without_its_entry,
    "cancelled_means_settled": cancelled_and_not_refunded,
    "nobody_is_forgotten": forgotten,
    "refunds_are_sent": a_refund_nobody_sends,
    "tries_end": a_try_left_open,
    "tasks_are_in_time": a_late_task,
    "dead_letters_are_told": a_silent_dead_letter,
    "events_are_settled": an_event_nobody_settles,
    "windows_add_up": a_place_taken_by_nobody,
}


def test_every_invariant_is_broken_once_on_purpose() -> None:
    assert set(BREAKS) == {each.name for each in INVARIANTS}


@pytest.mark.parametrize("name", BREAKS)
async def test_what_breaks_an_invariant_is_named_and_nothing_else(till: Till, name: str) -> None:
    broken = await BREAKS[name](till)

    assert await exceptions(till) == {name: (broken,)}


async def test_a_paused_topic_may_be_late(till: Till) -> None:
    await a_late_task(till)
    row = {"now": till.runtime.clock.now(), "who": new_id()}
    await run(till, "INSERT INTO paused_topic VALUES ('charge_order', :now, :who)", **row)

    assert await exceptions(till) == {}


async def test_an_event_whose_task_is_alive_is_no_exception(till: Till) -> None:
    await a_paid_order(till, "pm_card_authenticationRequired")
    for event in await till.events("payment_intent.requires_action"):
        await till.hears(event)
        assert SettleEvent(event_id=event["id"]).key in await till.tasks()

    assert await exceptions(till) == {}


async def test_what_is_older_than_asked_for_is_left_out(till: Till) -> None:
    await unpaid(till)
    now = till.runtime.clock.now()

    async with till.runtime.db.snapshot() as tx:
        assert all(proof.holds for proof in await prove(tx, now=now, since=now + timedelta(hours=1)))
