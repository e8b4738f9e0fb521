"""What the statements that move payments and tries refuse."""

import pytest
import sqlalchemy as sa

from kalecart.ids import AttemptId
from kalecart.payments import store
from kalecart.payments.intent import Books, IntentSnapshot, OpenAttempt
from kalecart.payments.lifecycle import ATTEMPT, INTENT, OPEN, NoSuchArrow
from kalecart.payments.tables import attempt, payment_intent
from tests.till import Till

TOTAL = 4 * 500 + 499


async def test_a_payment_is_moved_along_its_arrows_only(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    db, moved = till.runtime.db, set()
    for before in INTENT:
        for after in INTENT:
            async with db.transaction() as tx:
                await tx.execute(sa.update(payment_intent).values(status=before))
            try:
                async with db.transaction() as tx:
                    await store.set_status(tx, order.id, after)
            except NoSuchArrow:
                continue
            moved.add((before, after))

    assert moved == {(one, other) for one, after in INTENT.items() for other in (one, *after)}


async def test_a_try_is_ended_along_its_arrows_only(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    db, now, moved = till.runtime.db, till.runtime.clock.now(), set()
    async with db.snapshot() as tx:
        found = (await tx.execute(sa.select(attempt.c.id))).scalar_one()
    snapshot = IntentSnapshot(stripe_id="pi_1", status="", amount_cents=TOTAL, order_id=order.id, charge_id="ch_1")
    books = Books(
        order_id=order.id,
        order_status="placed",
        total_cents=TOTAL,
        status="created",
        attempt=OpenAttempt(id=AttemptId(found), method_id="pm_1"),
        seen_charge_ids=frozenset(),
    )
    for before in ATTEMPT:
        for after in set(ATTEMPT) - set(OPEN):
            async with db.transaction() as tx:
                await tx.execute(sa.update(attempt).values(state=before))
            try:
                async with db.transaction() as tx:
                    await store.end_attempt(tx, books, snapshot, after, now=now)
            except NoSuchArrow:
                continue
            moved.add((before, after))

    assert moved == {(one, other) for one, after in ATTEMPT.items() for other in after if other not in OPEN}


@pytest.mark.parametrize("state", sorted(set(ATTEMPT) - {"open"}))
async def test_only_a_try_that_was_sent_and_not_answered_becomes_unknown(till: Till, state: str) -> None:
    await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    async with till.runtime.db.transaction() as tx:
        tried = (await tx.execute(sa.update(attempt).values(state=state).returning(attempt.c.id))).scalar_one()
        await store.mark_unknown(tx, tried)
        assert await tx.scalar(sa.select(attempt.c.state)) == state
