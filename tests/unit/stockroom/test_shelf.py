"""How long a shelf lasts, and how many units to order for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.stockroom.shelf import ORDER_FOR_DAYS, SEEN_DAYS, Shelf, Standing, days_seen, soonest_empty


def a_shelf(**but: object) -> Shelf:
    usual = {"sku": "kale", "name": "Kale", "aisle": "Vegetables", "on_hand": 10, "sold": 28, "days": 28}
    return Shelf(**(usual | but))  # ty: ignore[invalid-argument-type]


@pytest.mark.parametrize(
    ("on_hand", "sold", "standing", "order"),
    [
        (0, 28, Standing.EMPTY, 14),
        (0, 0, Standing.EMPTY, 0),
        (6, 28, Standing.LOW, 8),
        (7, 28, Standing.FINE, 0),
        (5, 0, Standing.STILL, 0),
        (1, 29, Standing.LOW, 14),
    ],
)
def test_what_will_not_last_a_week_is_ordered_for_two(on_hand: int, sold: int, standing: Standing, order: int) -> None:
    shelf = a_shelf(on_hand=on_hand, sold=sold)

    assert (shelf.standing, shelf.order) == (standing, order)


@given(st.integers(0, 500), st.integers(0, 5_000), st.integers(7, SEEN_DAYS))
def test_what_is_ordered_lasts_as_long_as_it_should_and_not_a_unit_longer(on_hand: int, sold: int, days: int) -> None:
    shelf = a_shelf(on_hand=on_hand, sold=sold, days=days)
    if shelf.order:
        after, one_less = (a_shelf(on_hand=on_hand + shelf.order - less, sold=sold, days=days) for less in (0, 1))

        assert (after.lasts_days or 0) >= ORDER_FOR_DAYS - 1e-9
        assert (one_less.lasts_days or 0) < ORDER_FOR_DAYS


@pytest.mark.parametrize(("since_first", "days"), [(None, 28), (1, 7), (10, 10), (28, 28)])
def test_one_busy_day_of_a_new_shop_is_not_taken_for_its_pace(since_first: int | None, days: int) -> None:
    assert days_seen(since_first) == days


def test_what_will_be_empty_first_comes_first_and_what_nobody_buys_last() -> None:
    shelves = [
        a_shelf(sku="unsold", on_hand=5, sold=0),
        a_shelf(sku="gone-and-unsold", on_hand=0, sold=0),
        a_shelf(sku="enough", on_hand=100),
        a_shelf(sku="gone", on_hand=0),
        a_shelf(sku="low", on_hand=2),
    ]

    assert [shelf.sku for shelf in soonest_empty(shelves)] == ["gone", "low", "enough", "gone-and-unsold", "unsold"]
