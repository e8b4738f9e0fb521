"""What stands in the address of a list of orders."""

from datetime import UTC, datetime

import pytest

from web.pages.orders import instant


def test_a_point_in_the_list_is_the_same_in_every_zone():
    assert (
        instant("2026-11-22T10:00:00-08:00")
        == instant("2026-11-22T18:00:00Z")
        == datetime(2026, 11, 22, 18, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-11-22T10:00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-13-01"],
)
def test_a_mangled_link_shows_the_first_page(text: str):
    assert instant(text) is None
