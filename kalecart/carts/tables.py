"""Carts. The lines live inside the cart's own row: every change is one atomic update of one row."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from kalecart.tables import metadata

cart: Final = sa.Table(
    "cart",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id")),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    # {sku: {"quantity": int, "price_cents": the price the shopper was shown}}
    sa.Column("lines", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("placed_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("jsonb_typeof(lines) = 'object'", name="cart_lines_are_an_object"),
    sa.Index("ix_cart_open_customer", "customer_id", postgresql_where=sa.text("placed_at IS NULL")),
    sa.Index("ix_cart_open_expires", "expires_at", postgresql_where=sa.text("placed_at IS NULL")),
    # A shopper's cart changes many times and is read by its token: keep the changes on the same page.
    postgresql_with={"fillfactor": "60"},
)
