"""How a complaint stands, and which steps have begun: arithmetic over stored instants and now (C13)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.clock import SHOP_ZONE, shop_date
from kalecart.complaints.complaint import Channel, Complaint, Findings, Standing, Written
from kalecart.complaints.ladder import BREACH, BREACH_DAY, DEFAULT, Step, Told, checked, next_begins, reached, step_of
from kalecart.deadline import due_by
from kalecart.errors import Invalid
from kalecart.ids import ComplaintId, CustomerId, new_id

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # see timezones


def received(at: datetime, **but: object) -> Complaint:
    case = {
        "id": ComplaintId(new_id()),
        "number": "23456-789AB",
        "channel": Channel.WEB,
        "customer_id": CustomerId(new_id()),
        "correspondent_id": None,
        "received_at": at,
        "due_at": due_by(at),
    }
    return Complaint(**(case | but))  # ty: ignore[invalid-argument-type]


@given(MOMENTS, st.integers(0, 60 * 24 * 60))
def test_whatever_is_not_answered_by_the_end_of_the_thirtieth_day_is_breached(at: datetime, minutes: int) -> None:
    now = at + timedelta(minutes=minutes)
    case = received(at)
    days = (shop_date(now) - shop_date(at)).days

    expected = (
        Standing.BREACHED
        if days > 30
        else Standing.DUE_TODAY
        if days == 30
        else Standing.NEAR
        if days >= 21
        else Standing.ON_TIME
    )
    assert case.standing(now) is expected
    assert case.late(now) is (days > 30)


@given(MOMENTS, st.integers(0, 60 * 24 * 60), st.integers(0, 60 * 24 * 60))
def test_an_answer_in_time_never_becomes_late_and_a_late_one_stays_so(at: datetime, answered: int, then: int) -> None:
    answered_at = at + timedelta(minutes=answered)
    case = received(at, answered_at=answered_at)
    now = answered_at + timedelta(minutes=then)

    assert case.standing(now) is Standing.ANSWERED
    assert case.late(now) is (answered_at >= case.due_at)


@pytest.mark.parametrize(("at", "last_day"), [("2026-01-30T23:59", "2026-03-01"), ("2028-01-30T23:59", "2028-02-29")])
def test_received_at_2359_on_30_january_it_is_due_by_the_end_of_1_march_and_in_2028_of_29_february(
    at: str, last_day: str
) -> None:
    """E79."""
    case = received(datetime.fromisoformat(at).replace(tzinfo=SHOP_ZONE))

    assert shop_date(case.last_day).isoformat() == last_day
    assert case.standing(case.due_at - timedelta(microseconds=1)) is Standing.DUE_TODAY
    assert case.standing(case.due_at) is Standing.BREACHED


def test_day_30_on_a_weekend_or_holiday_is_no_later_and_its_step_comes_once() -> None:
    """E80: thirty days after 3 December 2026 is Saturday 2 January, the day after New Year."""
    case = received(datetime(2026, 12, 3, 9, tzinfo=SHOP_ZONE))
    last = case.due_at - timedelta(minutes=1)

    assert shop_date(case.last_day).isoformat() == "2027-01-02"
    assert [each.name for each in reached(DEFAULT, case.due_at, last)].count("day_30") == 1


@given(MOMENTS, st.lists(st.integers(1, 26 * 60), max_size=40))
def test_over_any_gaps_each_step_comes_once_and_in_order(at: datetime, gaps: list[int]) -> None:
    case = received(at)
    taken: list[str] = []
    now = at
    for gap in gaps:
        now += timedelta(minutes=60 * gap)
        taken += [each.name for each in reached(DEFAULT, case.due_at, now) if each.name not in taken]
        assert next_begins(DEFAULT, case.due_at, now) > now

    days = (shop_date(now) - shop_date(at)).days
    ladder = [step.name for step in DEFAULT if step.day <= days]
    after = [f"{BREACH}_{further}" for further in range(1, days - BREACH_DAY + 1)]
    assert taken == ladder + after


LAST = Step(day=BREACH_DAY, tells=(Told.MANAGER,))
DAY_28 = Step(day=28, tells=(Told.MANAGER,))


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (DAY_28,),
        (LAST,),
        (Step(day=28, tells=(Told.HANDLER,)), LAST),
        (Step(day=28, tells=(Told.MANAGER,), unassigned=True), LAST),
        (DAY_28, Step(day=15, tells=(Told.HANDLER,)), LAST),
        (DAY_28, DAY_28, LAST),
        (Step(day=0, tells=(Told.HANDLER,)), DAY_28, LAST),
        (Step(day=15, tells=()), DAY_28, LAST),
        (DAY_28, Step(day=BREACH_DAY, tells=(Told.ADMINISTRATOR,))),
        (DAY_28, Step(day=BREACH_DAY, tells=(Told.MANAGER,), unassigned=True)),
        (DAY_28, LAST, Step(day=40, tells=(Told.MANAGER,))),
    ],
)
def test_a_ladder_that_would_let_a_complaint_slip_through_is_refused(steps: tuple[Step, ...]) -> None:
    with pytest.raises(Invalid):
        checked(steps)


def test_a_ladder_is_stored_and_read_as_it_was() -> None:
    assert checked([step_of(step.stored()) for step in DEFAULT]) == list(DEFAULT)


def test_an_answer_without_findings_or_steps_says_which_part_is_missing() -> None:
    with pytest.raises(Invalid) as refusal:
        Findings.parse(" ", "")
    with pytest.raises(Invalid) as half:
        Findings.parse("We called twice.", "\n")

    assert set(refusal.value.problems) == {"/findings", "/steps"}
    assert set(half.value.problems) == {"/steps"}


@pytest.mark.parametrize(
    ("concerns", "text"),
    [([], ""), (["  ", "\t"], " \n "), (["x" * 2_001], ""), (["x"] * 21, ""), (["x"], "é" * 50_001), (["a\0b"], "")],
)
def test_what_says_nothing_or_too_much_is_refused_with_the_limit(concerns: list[str], text: str) -> None:
    with pytest.raises(Invalid):
        Written.parse(concerns, text)


def test_a_script_and_a_hundred_kilobytes_are_kept_as_text() -> None:
    script = "<script>alert('hello')</script>"
    written = Written.parse([script], "x" * 100_000)

    assert (written.concerns, len(written.text)) == ((script,), 100_000)


@given(st.lists(st.text(max_size=50), max_size=20), st.text(max_size=200))
def test_whatever_is_typed_is_kept_or_refused_and_never_cut(concerns: list[str], text: str) -> None:
    try:
        written = Written.parse(concerns, text)
    except Invalid:
        return
    assert list(written.concerns) == [concern.strip() for concern in concerns if concern.strip()]
    assert written.text == text.strip()
