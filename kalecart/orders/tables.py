"""Orders: what was agreed. Prices and names are frozen here when the order is placed."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from kalecart.tables import metadata

customer_order: Final = sa.Table(
    "customer_order",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("cart_id", sa.Uuid, nullable=False),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="placed"),
    sa.Column("address_id", sa.Uuid, nullable=False),
    sa.Column("window_id", sa.Uuid, sa.ForeignKey("delivery_window.id"), nullable=False),
    sa.Column("payment_method_id", sa.Uuid, nullable=False),
    sa.Column("goods_cents", sa.Integer, nullable=False),
    sa.Column("delivery_cents", sa.Integer, nullable=False),
    sa.Column("tax_cents", sa.Integer, nullable=False),
    sa.Column("total_cents", sa.Integer, nullable=False),
    sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
    # When its money was in the books, whatever else became of the order.
    sa.Column("paid_at", sa.DateTime(timezone=True)),
    sa.Column("picking_at", sa.DateTime(timezone=True)),
    sa.Column("cancelled_at", sa.DateTime(timezone=True)),
    # The shop's rule let it be picked while a bank was still moving the money (C15).
    sa.Column("goes_ahead", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("number", name="customer_order_number_once"),
    # One cart makes at most one order, and one key names at most one order of a customer.
    sa.UniqueConstraint("cart_id", name="customer_order_cart_once"),
    sa.UniqueConstraint("customer_id", "idempotency_key", name="customer_order_key_once"),
    sa.CheckConstraint(
        "status IN ('placed', 'paid', 'picking', 'fulfilled', 'cancelled')", name="customer_order_status_known"
    ),
    sa.CheckConstraint("total_cents = goods_cents + delivery_cents + tax_cents", name="customer_order_adds_up"),
    # Nothing is picked before it is paid or allowed to go ahead (C15).
    sa.CheckConstraint(
        "status IN ('placed', 'cancelled') OR paid_at IS NOT NULL OR goes_ahead AND status <> 'paid'",
        name="customer_order_paid",
    ),
    sa.CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="customer_order_cancelled"),
    # An address or a card of somebody else cannot be on an order: the database refuses.
    sa.ForeignKeyConstraint(
        ["address_id", "customer_id"], ["address.id", "address.customer_id"], name="customer_order_address_own"
    ),
    sa.ForeignKeyConstraint(
        ["payment_method_id", "customer_id"],
        ["payment_method.id", "payment_method.customer_id"],
        name="customer_order_payment_method_own",
    ),
    sa.Index("ix_customer_order_customer", "customer_id", sa.text("placed_at DESC")),
    sa.Index("ix_customer_order_status", "status", sa.text("placed_at DESC")),
    sa.Index("ix_customer_order_window", "window_id"),
    # Orders are read a day at a time; a summary of ranges of pages costs the path of an order nothing.
    sa.Index(
        "ix_customer_order_paid",
        "paid_at",
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on", "pages_per_range": "32"},
    ),
    # The same by the shop's days, which is as exact as the stockroom needs it.
    sa.Index(
        "ix_customer_order_paid_day",
        sa.text("((paid_at AT TIME ZONE 'America/Los_Angeles')::date)"),
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on", "pages_per_range": "32"},
    ),
    postgresql_with={"fillfactor": "80"},
)

order_line: Final = sa.Table(
    "order_line",
    metadata,
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("customer_order.id"), primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("unit_price_cents", sa.Integer, nullable=False),
    sa.Column("tax_category", sa.Text, nullable=False),
    sa.CheckConstraint("quantity > 0", name="order_line_quantity_positive"),
)

# What happened to an order, in the order it happened: the timeline on its page.
order_event: Final = sa.Table(
    "order_event",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("customer_order.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("detail", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_order_event_order", "order_id", "id"),
)
