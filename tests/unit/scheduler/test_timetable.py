from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kalecart.clock import SHOP_ZONE
from kalecart.timetable import TIMETABLE, daily, every
from scheduler.metronome import TICK_S, TICK_WITHIN_S

INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


def start(slot: str) -> datetime:
    return datetime.strptime(slot, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)


@given(INSTANTS, st.sampled_from([HOUR, QUARTER]))
def test_a_slot_is_named_by_its_start_and_holds_its_instant(now: datetime, length: timedelta) -> None:
    began = start(every(length)(now))

    assert began <= now < began + length


@given(INSTANTS, st.integers(0, 899))
def test_the_same_quarter_of_an_hour_has_one_slot_for_every_scheduler(now: datetime, seconds: int) -> None:
    began = start(every(QUARTER)(now))

    assert every(QUARTER)(began + timedelta(seconds=seconds)) == every(QUARTER)(now)


@given(INSTANTS)
def test_the_next_slot_has_another_name(now: datetime) -> None:
    assert every(QUARTER)(now + QUARTER) != every(QUARTER)(now)


def test_slots_are_distinct_through_the_hour_that_the_wall_shows_twice() -> None:
    first = datetime(2026, 11, 1, 1, 30, tzinfo=SHOP_ZONE)
    second = first.replace(fold=1)

    assert first.astimezone(UTC) != second.astimezone(UTC)
    assert every(HOUR)(first.astimezone(UTC)) != every(HOUR)(second.astimezone(UTC))


def test_a_day_is_one_slot_whatever_the_clocks_do() -> None:
    midnight = datetime(2026, 11, 1, 7, tzinfo=UTC)
    slots = [daily(midnight + timedelta(hours=hours)) for hours in range(26)]

    assert slots == ["2026-11-01"] * 25 + ["2026-11-02"]


def test_every_timed_job_is_promised_under_its_own_name_and_slot() -> None:
    now = datetime(2026, 11, 2, 18, 7, tzinfo=UTC)
    jobs = [timed.job_of(timed.slot_of(now)) for timed in TIMETABLE]

    assert [job.topic for job in jobs] == [timed.name for timed in TIMETABLE]
    assert [job.key for job in jobs] == [
        "check_open_payments:2026-11-02T18:07Z",
        "backfill_events:2026-11-02T18:06Z",
        "prove_money:2026-11-02T18:05Z",
        "watch_trail:2026-11-02T18:05Z",
        "prove_trail:2026-11-02",
        "prove_register:2026-11-02",
        "reconcile:2026-11-02T18:00Z",
        "open_windows:2026-11-02T18:00Z",
        "expire_carts:2026-11-02T18:00Z",
        "release_unpaid:2026-11-02T18:00Z",
        "tell_policy:2026-11-02T18:00Z",
        "destroy_sources:2026-11-02T18:00Z",
        "finish_erasures:2026-11-02T18:00Z",
        "keep_no_longer:2026-11-02",
        "prepare_count:2026-11-02T18:00Z",
        "tend_surveys:2026-11-02",
        "prove_figures:2026-11-02",
        "lift_bars:2026-11-02",
        "tell_expiring:2026-11-02",
        "watch_complaints:2026-11-02T18:07Z",
        "read_mail:2026-11-02T18:07Z",
        "watch_requests:2026-11-02T18:00Z",
        "watch_training:2026-11-02T18:00Z",
        "watch_paper:2026-11-02T18:00Z",
        "watch_audits:2026-11-02T18:00Z",
        "watch_safeguards:2026-11-02T18:00Z",
        "ask_yearly:2026-11-02",
        "prune:2026-11-02",
    ]


def test_a_tick_comes_often_enough_to_miss_no_slot() -> None:
    assert timedelta(minutes=1).total_seconds() > TICK_S + TICK_WITHIN_S
