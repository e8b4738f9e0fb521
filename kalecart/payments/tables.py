"""Payments: methods, the one intention to collect for each order, tries, and the ledger of what moved."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

payment_method: Final = sa.Table(
    "payment_method",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("stripe_id", sa.Text, nullable=False, unique=True),
    sa.Column("brand", sa.Text, nullable=False),
    sa.Column("funding", sa.Text, nullable=False),
    # {"last4": …, "expires": "MM/YYYY"}: the number itself never reaches us (C8).
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("removed_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("id", "customer_id", name="payment_method_of_customer"),
    # Visa, Discover, MasterCard and American Express, credit or debit (C14).
    sa.CheckConstraint("brand IN ('visa', 'mastercard', 'amex', 'discover')", name="payment_method_brand_accepted"),
    sa.Index("ix_payment_method_customer", "customer_id"),
)

payment_intent: Final = sa.Table(
    "payment_intent",
    metadata,
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("customer_order.id"), primary_key=True),
    sa.Column("stripe_id", sa.Text, unique=True),
    sa.Column("amount_cents", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="begun"),
    # How often Stripe answered the creation with an error of its own: such an answer is kept under its key and would
    # be replayed, so the next try needs another key.
    sa.Column("server_errors", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("amount_cents > 0", name="payment_intent_amount_positive"),
    sa.CheckConstraint(
        "status IN ('begun', 'created', 'processing', 'declined', 'succeeded', 'canceled')",
        name="payment_intent_status_known",
    ),
)

attempt: Final = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("payment_intent.order_id"), nullable=False),
    sa.Column("number", sa.SmallInteger, nullable=False),
    sa.Column("payment_method_id", sa.Uuid, sa.ForeignKey("payment_method.id"), nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    sa.Column("server_errors", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("stripe_charge_id", sa.Text, unique=True),
    sa.Column("decline_code", sa.Text),
    sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("order_id", "number", name="attempt_number_once"),
    sa.CheckConstraint("state IN ('open', 'unknown', 'succeeded', 'declined')", name="attempt_state_known"),
    # At most one try of an order may be able to move money.
    sa.Index("attempt_open_once", "order_id", unique=True, postgresql_where=sa.text("state IN ('open', 'unknown')")),
)

ledger_entry: Final = sa.Table(
    "ledger_entry",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("customer_order.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount_cents", sa.Integer, nullable=False),
    sa.Column("stripe_id", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("kind", "stripe_id", name="ledger_entry_once"),
    sa.CheckConstraint("kind IN ('charge')", name="ledger_entry_kind_known"),
    sa.CheckConstraint("kind <> 'charge' OR amount_cents > 0", name="ledger_entry_charge_positive"),
    # An order is charged once in its life, whatever dies and whenever.
    sa.Index("ledger_entry_one_charge", "order_id", unique=True, postgresql_where=sa.text("kind = 'charge'")),
)

# What Stripe told us, unique by its id, until it is in the books. The object is read again from Stripe when the
# event is settled, so that nothing but ids is kept.
inbox: Final = sa.Table(
    "inbox",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("object_id", sa.Text, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("settled_at", sa.DateTime(timezone=True)),
    sa.Column("outcome", sa.Text),
)
