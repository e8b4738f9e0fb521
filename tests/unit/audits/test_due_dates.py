"""When an audit, a finding or a review is due: arithmetic over days of the shop's calendar (C8)."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.audits.finding import ARROWS, Finding, Severity, State, may_become
from kalecart.audits.plan import NEAR, Plan, Standing, after_months, ends, standing
from kalecart.audits.review import first_day, following, quarter_of, to_open
from kalecart.clock import shop_date
from kalecart.ids import StaffId, new_id
from tests.clock import START

DAYS = st.dates(date(2025, 1, 1), date(2040, 1, 1))
MOMENT = timedelta(microseconds=1)


@given(DAYS)
def test_a_day_is_in_one_quarter_and_the_next_begins_where_it_ends(day: date) -> None:
    quarter = quarter_of(day)
    after = first_day(following(quarter))

    assert first_day(quarter) <= day < after
    assert (quarter_of(after), quarter_of(after - timedelta(days=1))) == (following(quarter), quarter)


def test_quarters_that_went_by_are_opened_with_this_one_and_none_before_the_first() -> None:
    assert to_open(None, "2026-Q4") == ["2026-Q4"]
    assert to_open("2026-Q4", "2026-Q4") == []
    assert to_open("2026-Q3", "2027-Q2") == ["2026-Q4", "2027-Q1", "2027-Q2"]


@given(day=DAYS, months=st.integers(1, 24))
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int) -> None:
    after = after_months(day, months)

    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == months
    assert after.day == day.day or (after + timedelta(days=1)).day == 1


@given(DAYS)
def test_what_is_due_is_near_two_weeks_before_and_overdue_once_its_day_is_over_in_the_shop(day: date) -> None:
    late = ends(day)

    assert (standing(day, late - MOMENT), standing(day, late)) == (Standing.NEAR, Standing.OVERDUE)
    assert standing(day, ends(day - NEAR) - MOMENT) is Standing.NEAR
    assert standing(day, ends(day - NEAR - timedelta(days=1)) - MOMENT) is Standing.ON_TIME


def test_the_next_audit_is_counted_from_the_last_one_that_was_held() -> None:
    plan = Plan(id=new_id(), key=None, title="Paper", clauses=("C8",), months=3, planned_on=date(2026, 11, 30))

    assert plan.due_on == date(2027, 2, 28)
    assert Plan(**(vars(plan) | {"held_on": date(2026, 12, 24)})).due_on == date(2027, 3, 24)


@pytest.mark.parametrize("state", list(State))
def test_a_finding_is_closed_by_way_of_being_mended_and_stays_closed(state: State) -> None:
    assert may_become(state, State.CLOSED) is (state is State.MENDED)
    assert ARROWS[State.CLOSED] == frozenset()


def _finding(severity: Severity, mended_by: StaffId, state: State = State.MENDED) -> Finding:
    return Finding(
        id=new_id(),
        audit_id=new_id(),
        clause="C8",
        severity=severity,
        words="A cabinet was open.",
        follow_up_by=shop_date(START),
        found_by=mended_by,
        found_at=START,
        state=state,
        mended_by=mended_by,
    )


def test_what_is_severe_is_closed_by_another_than_mended_it_and_is_never_overdue_then() -> None:
    one, other = StaffId(new_id()), StaffId(new_id())

    assert not _finding(Severity.SEVERE, one).closed_by_another(one)
    assert _finding(Severity.SEVERE, one).closed_by_another(other)
    assert _finding(Severity.MINOR, one).closed_by_another(one)
    late = datetime.fromisoformat("2027-01-01T00:00:00+00:00")
    assert _finding(Severity.MINOR, one).standing(late) is Standing.OVERDUE
    assert _finding(Severity.MINOR, one, State.CLOSED).standing(late) is Standing.ON_TIME
