"""How pages say when something was."""

from datetime import datetime

import pytest

from kalecart.clock import SHOP_ZONE
from web.pages.rendering import known


@pytest.mark.parametrize(
    ("local", "year", "words"),
    [
        ("2027-10-04 00:00", False, "Mon, Oct 4"),
        ("2027-10-04 00:00", True, "October 4, 2027"),
        ("2027-10-04 00:05", False, "Mon, Oct 4, 12:05 AM"),
        ("2027-10-04 16:05", True, "October 4, 2027, 4:05 PM"),
    ],
)
def test_what_is_known_by_its_day_has_no_hour(local: str, year: bool, words: str) -> None:
    assert known(datetime.fromisoformat(local).replace(tzinfo=SHOP_ZONE), year=year).striptags() == words
