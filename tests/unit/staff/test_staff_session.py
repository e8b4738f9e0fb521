"""A log-in ends when its day is over or nobody uses it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kalecart.ids import new_id
from kalecart.staff.session import IDLE_MAX, SEEN_EVERY, STAFF_SESSION_TTL, Proof, Session

BEGAN = datetime(2026, 11, 1, 8, tzinfo=UTC)  # the night clocks go back
PAUSES = st.lists(st.timedeltas(timedelta(0), timedelta(hours=1)), max_size=60)


def begun(**but: datetime) -> Session:
    facts = {"started_at": BEGAN, "last_seen_at": BEGAN, "expires_at": BEGAN + STAFF_SESSION_TTL} | but
    return Session(id=new_id(), proof=Proof.PASSKEY, **facts)


@given(PAUSES)
def test_however_it_is_used_it_ends_with_its_day_or_its_first_long_pause(pauses: list[timedelta]) -> None:
    """Use is written down at most once a minute, which costs whoever pauses at most that minute."""
    now, session, last_used = BEGAN, begun(), BEGAN
    for pause in pauses:
        now += pause
        ended = session.ended(now)
        if pause >= IDLE_MAX or now - BEGAN >= STAFF_SESSION_TTL:
            assert ended
        if pause < IDLE_MAX - SEEN_EVERY and now - BEGAN < STAFF_SESSION_TTL:
            assert not ended
        if ended:
            return
        assert now - last_used < IDLE_MAX
        last_used = now
        if session.to_note(now):
            session = begun(last_seen_at=now)
        assert now - session.last_seen_at < SEEN_EVERY


@given(st.timedeltas(timedelta(0), timedelta(days=3)), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_what_has_ended_stays_ended(used: timedelta, later: timedelta) -> None:
    session = begun(last_seen_at=BEGAN + used)
    if session.ended(BEGAN + used):
        assert session.ended(BEGAN + used + later)
    assert session.ends_at <= BEGAN + STAFF_SESSION_TTL


def test_a_clock_that_stepped_back_ends_nothing() -> None:
    assert not begun(last_seen_at=BEGAN + timedelta(minutes=5)).ended(BEGAN)


def test_only_a_password_is_not_enough_where_more_is_needed() -> None:
    assert [proof for proof in Proof if not proof.second] == [Proof.PASSWORD]
    assert len({proof.label for proof in Proof}) == len(Proof)
