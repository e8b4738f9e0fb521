"""How a paper stands is arithmetic, and how long each kind may be kept is written down (C8)."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.errors import Invalid
from kalecart.ids import StaffId, new_id
from kalecart.paper.cabinet import Cabinet, Key, Named
from kalecart.paper.category import RULES, Category
from kalecart.paper.item import (
    ARROWS,
    SHRED_WITHIN,
    CabinetId,
    Early,
    Paper,
    PaperId,
    Standing,
    day_of,
    longest_until,
)

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # Hypothesis wants bare bounds


def a_paper(**but: object) -> Paper:
    facts = {
        "id": PaperId(new_id()),
        "number": "K7Q2M-9XRT",
        "what": Category.COMPLAINT,
        "cabinet_id": CabinetId(new_id()),
        "filed_at": NOW,
        "filed_by": StaffId(new_id()),
        "keep_until": NOW + timedelta(days=30),
    }
    return Paper(**(facts | but))  # ty: ignore[invalid-argument-type]


@given(keep_until=INSTANTS, looks=st.lists(INSTANTS, min_size=2), shredded_at=st.none() | INSTANTS)
def test_whenever_somebody_looks_a_paper_goes_along_its_arrows_and_never_back(
    keep_until: datetime, looks: list[datetime], shredded_at: datetime | None
) -> None:
    def seen(now: datetime) -> Standing:
        known = shredded_at if shredded_at and shredded_at <= now else None
        return a_paper(keep_until=keep_until, shredded_at=known).standing(now)

    reachable = {start: {start, *ends, *(far for end in ends for far in ARROWS[end])} for start, ends in ARROWS.items()}
    assert all(seen(later) in reachable[seen(sooner)] for sooner, later in pairwise(sorted(looks)))


@given(keep_until=INSTANTS)
def test_it_is_due_from_its_day_on_and_late_a_week_after_it(keep_until: datetime) -> None:
    paper, moment = a_paper(keep_until=keep_until), timedelta(microseconds=1)

    assert paper.standing(keep_until - moment) is Standing.KEPT
    assert paper.standing(keep_until) is Standing.DUE
    assert paper.standing(keep_until + SHRED_WITHIN - moment) is Standing.DUE
    assert paper.standing(keep_until + SHRED_WITHIN) is Standing.OVERDUE


def test_its_day_begins_at_midnight_in_the_shop_whatever_the_clocks_do() -> None:
    assert day_of(date(2026, 11, 1)) == datetime(2026, 11, 1, 7, tzinfo=UTC)
    assert day_of(date(2026, 11, 2)) == datetime(2026, 11, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize("what", Category)
def test_every_kind_of_paper_has_a_label_and_a_longest_time_the_database_takes(what: Category) -> None:
    assert what.label
    assert timedelta() < RULES[what].longest < timedelta(days=3661)
    assert day_of(longest_until(what, NOW)) <= NOW + timedelta(days=3661)


def test_every_reason_for_shredding_early_has_words() -> None:
    assert all(reason.label for reason in Early)


def test_nobody_has_the_key_of_a_cabinet_once_its_holder_left() -> None:
    sam = Key(staff_id=StaffId(new_id()), at=NOW, left_at=NOW + timedelta(days=3))
    cabinet = Cabinet(id=CabinetId(new_id()), name="Office 1", place="By the door", keys=[sam], papers=1)

    assert cabinet.holder(NOW) == sam.staff_id
    assert not cabinet.unkept(NOW)
    assert cabinet.holder(NOW + timedelta(days=3)) is None
    assert cabinet.unkept(NOW + timedelta(days=3))


def test_a_cabinet_says_each_thing_that_is_wrong_with_its_name_and_place() -> None:
    with pytest.raises(Invalid) as caught:
        Named.parse(" ", "x" * 101)

    assert set(caught.value.problems) == {"/name", "/place"}
    assert Named.parse(" Office 1 ", "By the door") == Named(name="Office 1", place="By the door")
