"""Payments and their tries move along their arrows and no other way, whatever Stripe says and in whatever order."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.ids import AttemptId, OrderId, new_id
from kalecart.payments import tables
from kalecart.payments.intent import Books, Finding, IntentSnapshot, OpenAttempt, find
from kalecart.payments.lifecycle import ATTEMPT, INTENT, OPEN, sources

TOTAL = 2_345
ORDER = OrderId(new_id())
METHODS = st.sampled_from(["pm_1", "pm_2"])
SNAPSHOTS = st.builds(
    IntentSnapshot,
    stripe_id=st.just("pi_1"),
    order_id=st.just(ORDER),
    status=st.sampled_from(
        ["succeeded", "processing", "requires_action", "canceled", "requires_payment_method", "requires_confirmation"]
    ),
    amount_cents=st.sampled_from([TOTAL, TOTAL + 1]),
    charge_id=st.none() | st.sampled_from(["ch_1", "ch_2"]),
    decline_code=st.none() | st.just("insufficient_funds"),
    method_id=st.none() | METHODS,
)
BOOKS = st.builds(
    Books,
    order_id=st.just(ORDER),
    order_status=st.sampled_from(["placed", "paid", "cancelled"]),
    total_cents=st.just(TOTAL),
    status=st.sampled_from(sorted(INTENT)),
    attempt=st.none() | st.builds(OpenAttempt, id=st.just(AttemptId(new_id())), method_id=METHODS),
    seen_charge_ids=st.frozensets(st.sampled_from(["ch_1", "ch_2"])),
)


@given(SNAPSHOTS, BOOKS)
def test_no_look_at_stripe_moves_a_payment_along_anything_but_an_arrow(snapshot: IntentSnapshot, books: Books) -> None:
    found = find(snapshot, books)

    if found not in {Finding.NOTHING, Finding.WRONG_AMOUNT}:
        assert ("succeeded" if found is Finding.PAID else str(found)) in INTENT[books.status]


@given(st.lists(SNAPSHOTS, max_size=20), st.sampled_from(sorted(INTENT)))
def test_whatever_comes_a_success_is_final_and_is_found_from_anywhere(
    snapshots: list[IntentSnapshot], status: str
) -> None:
    for snapshot in snapshots:
        attempt = OpenAttempt(id=AttemptId(new_id()), method_id="pm_1")
        books = Books(
            order_id=ORDER,
            order_status="placed",
            total_cents=TOTAL,
            status=status,
            attempt=attempt,
            seen_charge_ids=frozenset(),
        )
        found = find(snapshot, books)
        if status == "succeeded":
            assert found is Finding.NOTHING
        elif snapshot.status == "succeeded":
            assert found is (Finding.PAID if snapshot.amount_cents == TOTAL else Finding.WRONG_AMOUNT)
        status = {Finding.PAID: "succeeded", Finding.NOTHING: status, Finding.WRONG_AMOUNT: status}.get(found, found)


@pytest.mark.parametrize(
    ("arrows", "table", "rule"),
    [
        (INTENT, tables.payment_intent, "payment_intent_status_known"),
        (ATTEMPT, tables.attempt, "attempt_state_known"),
    ],
    ids=["intent", "attempt"],
)
def test_the_arrows_join_the_states_the_database_knows(arrows: Any, table: Any, rule: str) -> None:
    known = next(str(check.sqltext) for check in table.constraints if check.name == rule)

    assert set(re.findall(r"'(\w+)'", known)) == set(arrows)
    assert {after for afters in arrows.values() for after in afters} <= set(arrows)
    assert all("succeeded" in after for state, after in arrows.items() if state != "succeeded")
    assert arrows["succeeded"] == frozenset()


def test_at_most_the_open_tries_are_what_the_database_counts_as_one() -> None:
    where = next(str(index.dialect_options["postgresql"]["where"]) for index in tables.attempt.indexes if index.unique)

    assert set(re.findall(r"'(\w+)'", where)) == set(OPEN)
    assert set(sources(ATTEMPT, "canceled")) == set(OPEN)
