"""A picking list: the same units counted by product and by order."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from kalecart.ids import WindowId, new_id
from kalecart.stockroom.picking import Line, PickingList

AT = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
SHELVES = {"kale": ("Vegetables", 1), "leek": ("Vegetables", 3), "milk": ("Dairy", 2)}


def a_line(number: str, sku: str, units: int) -> Line:
    aisle, position = SHELVES[sku]
    return Line(
        order_number=number, begun=False, sku=sku, name=sku.title(), aisle=aisle, position=position, units=units
    )


def a_list(lines: list[Line]) -> PickingList:
    walked = sorted(lines, key=lambda line: (line.position, line.sku, line.order_number))
    return PickingList(id=WindowId(new_id()), starts_at=AT, ends_at=AT, lines=walked)


@given(
    st.dictionaries(st.tuples(st.sampled_from("ABC"), st.sampled_from(list(SHELVES))), st.integers(1, 9), min_size=1)
)
def test_what_is_fetched_from_the_shelves_is_what_goes_into_the_bags(units: dict[tuple[str, str], int]) -> None:
    found = a_list([a_line(number, sku, many) for (number, sku), many in units.items()])

    assert {goods.sku: goods.units for goods in found.goods} == {
        sku: sum(many for (_, each), many in units.items() if each == sku) for sku in {sku for _, sku in units}
    }
    assert {(bag.order_number, line.sku): line.units for bag in found.bags for line in bag.lines} == units
    assert sum(bag.units for bag in found.bags) == sum(goods.units for goods in found.goods) == found.units


def test_an_aisle_is_walked_once_in_the_order_of_the_shelves() -> None:
    found = a_list([a_line("A", "leek", 1), a_line("B", "milk", 2), a_line("A", "kale", 3), a_line("B", "kale", 1)])

    assert [(aisle, [(goods.sku, goods.units) for goods in many]) for aisle, many in found.aisles] == [
        ("Vegetables", [("kale", 4), ("leek", 1)]),
        ("Dairy", [("milk", 2)]),
    ]
