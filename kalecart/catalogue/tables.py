"""The catalogue: what the shop sells, and how much of it is there."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

product: Final = sa.Table(
    "product",
    metadata,
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("aisle", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("price_cents", sa.Integer, nullable=False),
    sa.Column("unit_amount", sa.Numeric(10, 3), nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("tax_category", sa.Text, nullable=False),
    sa.Column("picture", sa.Text, nullable=False),
    sa.Column("keywords", sa.Text, nullable=False),
    # A product that left the sheet is kept: carts and orders still name it.
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    # Where the sheet put it: the owner arranges the shelves by moving rows.
    sa.Column("position", sa.Integer, nullable=False),
    # Name, aisle and keywords as a shopper types them: lower case, no accents (`product.searchable`).
    sa.Column("search", sa.Text, nullable=False),
    sa.CheckConstraint("price_cents > 0", name="product_price_positive"),
    sa.CheckConstraint("unit_amount > 0", name="product_unit_amount_positive"),
    sa.CheckConstraint("unit IN ('g', 'kg', 'ml', 'l', 'each', 'oz', 'lb', 'fl oz')", name="product_unit_known"),
    sa.CheckConstraint("tax_category IN ('food', 'taxable')", name="product_tax_category_known"),
    sa.Index("ix_product_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    sa.Index("ix_product_active_position", "position", postgresql_where=sa.text("active")),
)

# Apart from the product, because every order changes it: the row is small and its updates stay on its page.
stock: Final = sa.Table(
    "stock",
    metadata,
    sa.Column("sku", sa.Text, sa.ForeignKey("product.sku"), primary_key=True),
    sa.Column("on_hand", sa.Integer, nullable=False),
    sa.CheckConstraint("on_hand >= 0", name="stock_on_hand_not_negative"),
    postgresql_with={"fillfactor": "70"},
)
