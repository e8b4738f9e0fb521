"""Whether a bank account may be charged, by the customer's own payment record and nothing else (C1)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.payments.standing import Contested, Hindrance, PaymentRecord, standing
from kalecart.terms import GoAhead

TODAY = date(2026, 11, 22)
DAYS = st.integers(0, 800).map(lambda ago: TODAY - timedelta(days=ago))
DISPUTES = st.builds(
    lambda opened, lost: Contested(opened_on=opened, lost_on=opened if lost else None), DAYS, st.booleans()
)
RECORDS = st.builds(
    PaymentRecord,
    declined_on=st.lists(DAYS, max_size=5).map(tuple),
    returned_on=st.lists(DAYS, max_size=3).map(tuple),
    contested=st.lists(DISPUTES, max_size=3).map(tuple),
)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_a_customer_without_a_record_may_pay_from_a_bank_account() -> None:
    assert standing(PaymentRecord(), TODAY).allowed
    assert standing(PaymentRecord(), TODAY).words is None


@pytest.mark.parametrize(
    ("record", "hindrance", "free_on"),
    [
        (PaymentRecord(contested=(Contested(opened_on=ago(3)),)), Hindrance.OPEN_DISPUTE, None),
        (
            PaymentRecord(contested=(Contested(opened_on=ago(30), lost_on=ago(10)),)),
            Hindrance.LOST_DISPUTE,
            ago(10) + timedelta(days=365),
        ),
        (PaymentRecord(returned_on=(ago(89),)), Hindrance.RETURNED_DEBIT, TODAY + timedelta(days=1)),
        (PaymentRecord(declined_on=(ago(29), ago(9), TODAY)), Hindrance.DECLINES, TODAY + timedelta(days=1)),
    ],
)
def test_what_is_in_the_way_is_named_with_the_day_it_ends(
    record: PaymentRecord, hindrance: Hindrance, free_on: date | None
) -> None:
    found = standing(record, TODAY)

    assert (found.hindrance, found.free_on) == (hindrance, free_on)
    assert found.words is not None
    assert "a card works" in found.words
    if free_on is not None:
        assert standing(record, free_on).allowed


@pytest.mark.parametrize(
    "record",
    [
        PaymentRecord(returned_on=(ago(90),)),
        PaymentRecord(declined_on=(ago(1), TODAY)),
        PaymentRecord(declined_on=(ago(40), ago(1), TODAY)),
        PaymentRecord(contested=(Contested(opened_on=ago(400), lost_on=ago(365)),)),
    ],
)
def test_what_is_old_or_little_is_not_held_against_anybody(record: PaymentRecord) -> None:
    assert standing(record, TODAY).allowed


@given(RECORDS, DAYS)
def test_one_more_returned_debit_never_makes_a_standing_better(record: PaymentRecord, day: date) -> None:
    worse = standing(replace(record, returned_on=(*record.returned_on, day)), TODAY)

    assert standing(record, TODAY).allowed or not worse.allowed


@given(RECORDS, st.integers(1, 400))
def test_time_alone_only_makes_a_standing_better(record: PaymentRecord, days: int) -> None:
    if standing(record, TODAY).allowed:
        assert standing(record, TODAY + timedelta(days=days)).allowed


@given(RECORDS)
def test_a_standing_is_good_again_on_the_day_that_was_named_and_not_before(record: PaymentRecord) -> None:
    found = standing(record, TODAY)
    if found.free_on is not None:
        assert not standing(record, found.free_on - timedelta(days=1)).allowed
        assert standing(record, found.free_on).allowed


@pytest.mark.parametrize(
    ("allowed", "debits", "cents", "goes"),
    [(True, 3, 15_000, True), (True, 2, 15_000, False), (True, 3, 15_001, False), (False, 9, 100, False)],
)
def test_an_order_goes_ahead_for_good_standing_enough_debits_and_a_small_total(
    *, allowed: bool, debits: int, cents: int, goes: bool
) -> None:
    assert GoAhead().allows(allowed=allowed, debits_before=debits, total_cents=cents) is goes
