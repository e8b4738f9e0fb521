"""What the timetable comes to over more than a year in which the schedulers are away, and wrong about the time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.clockwork import GRACE, Standing, standing_of
from kalecart.timetable import TIMETABLE, Timed, daily
from tests.outages import DAYS, START, outages

STEP = timedelta(minutes=30)
BY_NAME = {timed.name: timed for timed in TIMETABLE}
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
GAPS = st.timedeltas(timedelta(), timedelta(days=40))


@pytest.mark.parametrize("name", ["watch_requests", "reconcile", "keep_no_longer"])
@pytest.mark.parametrize("seed", range(3))
def test_in_430_days_with_32_outages_each_slot_is_run_once_if_anybody_was_awake_in_it_and_late_only_while_nobody_is(
    name: str, seed: int
) -> None:
    """E44."""
    timed, away = BY_NAME[name], outages(seed)
    runs: list[tuple[str, datetime]] = []
    now = START
    while now < START + timedelta(days=DAYS):
        slot, asleep = timed.slot_of(now), any(began <= now < ended for began, ended in away)
        last = runs[-1] if runs else (None, None)
        if not asleep:
            if last[0] != slot:
                runs.append((slot, now))
            assert standing_of(timed, *runs[-1], now=now)[0] is Standing.STARTED
        elif last[0] != slot:
            begun = timed.slot_of.began(now) if last[1] is None else timed.slot_of.next(last[1])
            assert (standing_of(timed, *last, now=now)[0] is Standing.LATE) == (now > begun + GRACE)
        now += STEP

    slots = [slot for slot, _ in runs]
    assert slots == sorted(set(slots))


@given(INSTANTS, GAPS, st.sampled_from(TIMETABLE))
def test_a_job_is_late_exactly_when_the_slot_after_its_last_run_began_longer_than_its_grace_ago(
    ran_at: datetime, gap: timedelta, timed: Timed
) -> None:
    now = ran_at + gap
    standing, late = standing_of(timed, timed.slot_of(ran_at), ran_at, now=now)

    missed = timed.slot_of.next(ran_at)
    assert (standing is Standing.LATE) == (now - missed > GRACE)
    assert (standing is Standing.STARTED) == (now < missed)
    assert late >= timedelta()


@given(INSTANTS, GAPS, st.sampled_from(TIMETABLE))
def test_a_slot_begins_before_whatever_is_in_it_and_ends_where_the_next_one_begins(
    now: datetime, _gap: timedelta, timed: Timed
) -> None:
    began, following = timed.slot_of.began(now), timed.slot_of.next(now)

    assert began <= now < following
    assert timed.slot_of(began) == timed.slot_of(now) < timed.slot_of(following)
    assert timed.slot_of.began(following) == following


def test_a_day_of_the_shop_lasts_23_and_25_hours_where_the_clocks_change() -> None:
    spring, autumn = datetime(2028, 3, 12, 12, tzinfo=UTC), datetime(2028, 11, 5, 12, tzinfo=UTC)
    lengths = [daily.next(each) - daily.began(each) for each in (spring, autumn)]

    assert lengths == [timedelta(hours=23), timedelta(hours=25)]


def test_a_job_that_never_ran_is_late_once_its_slot_is_older_than_its_grace() -> None:
    timed = BY_NAME["watch_requests"]
    began = timed.slot_of.began(START)

    assert standing_of(timed, None, None, now=began + GRACE)[0] is Standing.DUE
    assert standing_of(timed, None, None, now=began + GRACE + timedelta(seconds=1))[0] is Standing.LATE
