"""Money that cannot be lost or taken twice: refunds, disputes, 3-D Secure, bank accounts"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _orders()
    _methods()
    _intents()
    _refunds()
    _disputes()
    op.create_table(
        "stripe_cursor",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("list", name=op.f("stripe_cursor_pk")),
    )


def _replace_check(table: str, name: str, condition: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
    op.create_check_constraint(op.f(name), table, condition)


def _orders() -> None:
    op.add_column("customer_order", sa.Column("picking_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("customer_order", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("customer_order", sa.Column("goes_ahead", sa.Boolean(), server_default=sa.false(), nullable=False))
    _replace_check(
        "customer_order",
        "customer_order_status_known",
        "status IN ('placed', 'paid', 'picking', 'fulfilled', 'cancelled')",
    )
    _replace_check(
        "customer_order",
        "customer_order_paid",
        "status IN ('placed', 'cancelled') OR paid_at IS NOT NULL OR goes_ahead AND status <> 'paid'",
    )
    _replace_check("customer_order", "customer_order_cancelled", "(status = 'cancelled') = (cancelled_at IS NOT NULL)")


def _methods() -> None:
    for column in (
        sa.Column("kind", sa.Text(), server_default="card", nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("expiry_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("barred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("default_since", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("payment_method", column)
    op.execute("UPDATE payment_method SET verified_at = added_at")
    op.alter_column("payment_method", "brand", nullable=True)
    op.alter_column("payment_method", "funding", nullable=True)
    _replace_check("payment_method", "payment_method_kind_known", "kind IN ('card', 'bank')")
    _replace_check(
        "payment_method",
        "payment_method_brand_accepted",
        "brand IN ('visa', 'mastercard', 'amex', 'discover') AND brand IS NOT NULL AND kind = 'card'"
        " OR brand IS NULL AND kind = 'bank'",
    )
    op.create_index(
        "payment_method_one_default",
        "payment_method",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("default_since IS NOT NULL AND removed_at IS NULL"),
    )
    op.create_index(
        "ix_payment_method_expires",
        "payment_method",
        ["expires_on"],
        postgresql_where=sa.text("removed_at IS NULL AND expiry_told_at IS NULL"),
    )
    op.create_table(
        "mandate",
        sa.Column("payment_method_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("words_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_method_id", "customer_id"],
            ["payment_method.id", "payment_method.customer_id"],
            name="mandate_of_own_account",
        ),
        sa.ForeignKeyConstraint(["words_sha256"], ["consent_words.sha256"], name=op.f("mandate_words_sha256_known")),
        sa.PrimaryKeyConstraint("payment_method_id", name=op.f("mandate_pk")),
        sa.UniqueConstraint("stripe_id", name=op.f("mandate_stripe_id_once")),
    )


def _intents() -> None:
    op.add_column("payment_intent", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    _replace_check(
        "payment_intent",
        "payment_intent_status_known",
        "status IN ('begun', 'created', 'action_needed', 'processing', 'declined', 'succeeded', 'canceled')",
    )
    op.create_index(
        "ix_payment_intent_open",
        "payment_intent",
        ["begun_at"],
        postgresql_where=sa.text("status IN ('begun', 'created', 'action_needed', 'processing')"),
    )
    _replace_check(
        "attempt", "attempt_state_known", "state IN ('open', 'unknown', 'succeeded', 'declined', 'canceled')"
    )
    op.execute("ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_charge_positive")
    _replace_check(
        "ledger_entry",
        "ledger_entry_kind_known",
        "kind IN ('charge', 'refund', 'refund_back', 'dispute', 'dispute_back')",
    )
    op.create_index("ix_ledger_entry_back", "ledger_entry", ["order_id"], postgresql_where=sa.text("kind <> 'charge'"))
    _replace_check("ledger_entry", "ledger_entry_signed", "(kind IN ('refund', 'dispute')) = (amount_cents < 0)")


def _refunds() -> None:
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=True),
        sa.Column("server_errors", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("failure_code", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("refund_amount_positive")),
        sa.CheckConstraint(
            "state IN ('open', 'unknown', 'pending', 'succeeded', 'failed')", name=op.f("refund_state_known")
        ),
        sa.CheckConstraint("asked_by IN ('customer', 'staff', 'shop', 'stripe')", name=op.f("refund_asked_by_known")),
        sa.CheckConstraint("(asked_by = 'staff') = (staff_id IS NOT NULL)", name=op.f("refund_staff_named")),
        sa.CheckConstraint(
            "reason IN ('cancelled', 'missing', 'quality', 'goodwill', 'paid_after_cancelling', 'dashboard')",
            name=op.f("refund_reason_known"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("refund_order_id_known")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("refund_staff_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_pk")),
        sa.UniqueConstraint("stripe_id", name=op.f("refund_stripe_id_once")),
    )
    op.create_index("ix_refund_order", "refund", ["order_id"])
    op.create_index(
        "ix_refund_open",
        "refund",
        ["asked_at"],
        postgresql_where=sa.text("state IN ('open', 'unknown', 'pending')"),
    )
    op.create_table(
        "refund_line",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("refund_line_quantity_positive")),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("refund_line_amount_not_negative")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("refund_line_refund_id_known")),
        sa.PrimaryKeyConstraint("refund_id", "sku", name=op.f("refund_line_pk")),
    )


def _disputes() -> None:
    op.create_table(
        "dispute",
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("dispute_amount_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("dispute_order_id_known")),
        sa.PrimaryKeyConstraint("stripe_id", name=op.f("dispute_pk")),
    )
    op.create_index("ix_dispute_order", "dispute", ["order_id"])
