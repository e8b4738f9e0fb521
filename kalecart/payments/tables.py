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
    sa.Column("kind", sa.Text, nullable=False, server_default="card"),
    # Of a card its network and whether it is credit, debit or prepaid; of a bank account neither.
    sa.Column("brand", sa.Text),
    sa.Column("funding", sa.Text),
    # {"last4": …, "expires": "MM/YYYY"} or {"last4": …, "bank": …}: the number itself never reaches us (C8).
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    # The last day a card is good for, so that its owner can be told ahead (C7).
    sa.Column("expires_on", sa.Date),
    sa.Column("expiry_told_at", sa.DateTime(timezone=True)),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    # A bank account is not charged before its owner has proved that it is theirs.
    sa.Column("verified_at", sa.DateTime(timezone=True)),
    # A bank account that its owner's payment record no longer allows to be charged (C1).
    sa.Column("barred_at", sa.DateTime(timezone=True)),
    sa.Column("default_since", sa.DateTime(timezone=True)),
    sa.Column("removed_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("id", "customer_id", name="payment_method_of_customer"),
    sa.CheckConstraint("kind IN ('card', 'bank')", name="payment_method_kind_known"),
    # Visa, Discover, MasterCard and American Express, credit or debit (C14); a bank account has no network (C1).
    sa.CheckConstraint(
        "brand IN ('visa', 'mastercard', 'amex', 'discover') AND brand IS NOT NULL AND kind = 'card'"
        " OR brand IS NULL AND kind = 'bank'",
        name="payment_method_brand_accepted",
    ),
    sa.Index("ix_payment_method_customer", "customer_id"),
    sa.Index(
        "payment_method_one_default",
        "customer_id",
        unique=True,
        postgresql_where=sa.text("default_since IS NOT NULL AND removed_at IS NULL"),
    ),
    sa.Index(
        "ix_payment_method_expires",
        "expires_on",
        postgresql_where=sa.text("removed_at IS NULL AND expiry_told_at IS NULL"),
    ),
)

# What a customer agreed to when they gave a bank account: the words, when, and what Stripe calls the agreement (C1).
mandate: Final = sa.Table(
    "mandate",
    metadata,
    sa.Column("payment_method_id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.Uuid, nullable=False),
    sa.Column("stripe_id", sa.Text, nullable=False, unique=True),
    sa.Column("words_sha256", sa.LargeBinary, sa.ForeignKey("consent_words.sha256"), nullable=False),
    sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["payment_method_id", "customer_id"],
        ["payment_method.id", "payment_method.customer_id"],
        name="mandate_of_own_account",
    ),
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
    # When Stripe was last asked what became of it, for as long as that is open.
    sa.Column("checked_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("amount_cents > 0", name="payment_intent_amount_positive"),
    sa.CheckConstraint(
        "status IN ('begun', 'created', 'action_needed', 'processing', 'declined', 'succeeded', 'canceled')",
        name="payment_intent_status_known",
    ),
    sa.Index(
        "ix_payment_intent_open",
        "begun_at",
        postgresql_where=sa.text("status IN ('begun', 'created', 'action_needed', 'processing')"),
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
    sa.CheckConstraint("state IN ('open', 'unknown', 'succeeded', 'declined', 'canceled')", name="attempt_state_known"),
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
    # Money that came in is positive, money that left negative; `_back` undoes what its namesake did.
    sa.CheckConstraint(
        "kind IN ('charge', 'refund', 'refund_back', 'dispute', 'dispute_back')", name="ledger_entry_kind_known"
    ),
    sa.CheckConstraint("(kind IN ('refund', 'dispute')) = (amount_cents < 0)", name="ledger_entry_signed"),
    sa.Index("ix_ledger_entry_back", "order_id", postgresql_where=sa.text("kind <> 'charge'")),
    # An order is charged once in its life, whatever dies and whenever.
    sa.Index("ledger_entry_one_charge", "order_id", unique=True, postgresql_where=sa.text("kind = 'charge'")),
)

# Money on its way back to a customer: written before Stripe is asked, like a try to collect.
refund: Final = sa.Table(
    "refund",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("customer_order.id"), nullable=False),
    sa.Column("amount_cents", sa.Integer, nullable=False),
    # Whether all that remained was asked for, so that who asks again is understood; unknown of older ones.
    sa.Column("whole", sa.Boolean),
    sa.Column("reason", sa.Text, nullable=False),
    # Who asked: `staff` has an id, `stripe` is somebody in Stripe's dashboard.
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    sa.Column("stripe_id", sa.Text, unique=True),
    sa.Column("server_errors", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("failure_code", sa.Text),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("amount_cents > 0", name="refund_amount_positive"),
    sa.CheckConstraint("state IN ('open', 'unknown', 'pending', 'succeeded', 'failed')", name="refund_state_known"),
    sa.CheckConstraint("asked_by IN ('customer', 'staff', 'shop', 'stripe')", name="refund_asked_by_known"),
    sa.CheckConstraint("(asked_by = 'staff') = (staff_id IS NOT NULL)", name="refund_staff_named"),
    sa.CheckConstraint(
        "reason IN ('cancelled', 'missing', 'quality', 'goodwill', 'paid_after_cancelling', 'dashboard')",
        name="refund_reason_known",
    ),
    sa.Index("ix_refund_order", "order_id"),
    sa.Index("ix_refund_open", "asked_at", postgresql_where=sa.text("state IN ('open', 'unknown', 'pending')")),
)

# What a refund is for, where it is for something: so many of a line.
refund_line: Final = sa.Table(
    "refund_line",
    metadata,
    sa.Column("refund_id", sa.Uuid, sa.ForeignKey("refund.id"), primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("amount_cents", sa.Integer, nullable=False),
    sa.CheckConstraint("quantity > 0", name="refund_line_quantity_positive"),
    sa.CheckConstraint("amount_cents >= 0", name="refund_line_amount_not_negative"),
)

# A charge contested at the customer's bank, as Stripe last described it. Part of the customer's payment record (C1).
dispute: Final = sa.Table(
    "dispute",
    metadata,
    sa.Column("stripe_id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("customer_order.id"), nullable=False),
    sa.Column("amount_cents", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("evidence_due_at", sa.DateTime(timezone=True)),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("amount_cents > 0", name="dispute_amount_positive"),
    sa.Index("ix_dispute_order", "order_id"),
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

# How far Stripe's own lists have been read: events that were missed, and what the books are held against.
stripe_cursor: Final = sa.Table(
    "stripe_cursor",
    metadata,
    sa.Column("list", sa.Text, primary_key=True),
    sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
)
