"""When a control that looks after a promise is overdue, and when it is only not due yet."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from kalecart.openness.control import CONTROLS, Control, ControlState, Run, judged

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
MONTHLY = Control(name="drill", clauses=("C8",), words="", within=timedelta(days=35))


def _state(run: Run | None, *, day: int) -> ControlState:
    return judged(MONTHLY, run, since=BEGAN, now=BEGAN + timedelta(days=day)).state


def test_what_never_ran_waits_until_it_is_due_and_is_overdue_from_then_on() -> None:
    assert [_state(None, day=day) for day in (0, 34, 36)] == ["waiting", "waiting", "overdue"]


def test_a_run_is_good_for_its_time_and_a_failed_one_is_red_at_once() -> None:
    passed, failed = (Run(ran_at=BEGAN + timedelta(days=30), passed=each) for each in (True, False))

    assert [_state(passed, day=day) for day in (31, 64, 66)] == ["kept", "kept", "overdue"]
    assert _state(failed, day=31) == "broken"


def test_each_control_has_one_line() -> None:
    assert Counter(control.name for control in CONTROLS).most_common(1)[0][1] == 1
