"""A dispute goes along the arrows and ends."""

import pytest

from stripesim.disputing import ARROWS, VERDICTS, check_open, is_inquiry
from stripesim.errors import ApiError

ENDS = {"warning_closed", "won", "lost"}


def test_every_arrow_leads_to_a_known_status_and_from_each_an_end_is_reached() -> None:
    assert {after for arrows in ARROWS.values() for after in arrows} <= ARROWS.keys()
    for status in ARROWS:
        reached = {status}
        for _ in ARROWS:
            reached |= {after for before in reached for after in ARROWS[before]}
        assert reached & ENDS


@pytest.mark.parametrize("status", sorted(ARROWS))
def test_only_an_end_takes_nothing_more(status: str) -> None:
    assert (not ARROWS[status]) == (status in ENDS)
    if status in ENDS:
        with pytest.raises(ApiError):
            check_open({"status": status})


def test_no_inquiry_is_won_or_lost() -> None:
    for status, arrows in ARROWS.items():
        if is_inquiry({"status": status}):
            assert not set(arrows) & set(VERDICTS.values())
