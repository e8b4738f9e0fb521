"""What the stockroom sees: products and order numbers, and nobody. Views of tables that are classified elsewhere."""

from typing import Final

from kalecart.privacy.register.entry import Entry, NotPersonal, Table

_VIEW: Final = "a view of other tables, where it is classified: it holds nothing itself"


def _seen(names: str) -> dict[str, Entry]:
    return {name: NotPersonal(_VIEW) for name in names.split()}


TABLES: Final = (
    Table(
        name="shelf_seen",
        says="What is on the shelves",
        key="sku",
        columns=_seen("sku name aisle position on_hand"),
    ),
    Table(
        name="sold_seen",
        says="How much of each product was sold on a day for a delivery window, to restock it",
        key="sku",
        columns=_seen("day starts_at ends_at sku units"),
    ),
    Table(
        name="to_pick_seen",
        says="What the people who pack orders see of them: the order's number, and what goes in",
        key="order_number",
        columns=_seen("window_id starts_at ends_at order_number begun sku name aisle position units"),
    ),
)
