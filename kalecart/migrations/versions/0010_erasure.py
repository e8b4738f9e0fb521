"""Retention and erasure"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stripe_customer_id", sa.Text(), nullable=True),
        sa.Column("at_stripe_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("erasure_customer_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("erasure_pk")),
        sa.UniqueConstraint("customer_id", name=op.f("erasure_customer_id_once")),
    )
    op.create_index(
        "ix_erasure_open", "erasure", ["begun_at"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "erasure_wait",
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('open_order', 'open_dispute', 'refund_under_way', 'legal_hold')",
            name=op.f("erasure_wait_kind_known"),
        ),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasure.id"], name=op.f("erasure_wait_erasure_id_known")),
        sa.PrimaryKeyConstraint("erasure_id", "kind", "subject_id", name=op.f("erasure_wait_pk")),
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ground ~ '^[A-Za-z0-9_.:/-]{1,60}$'", name=op.f("legal_hold_ground_is_a_code")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("legal_hold_customer_id_known")),
        sa.ForeignKeyConstraint(["placed_by"], ["staff.id"], name=op.f("legal_hold_placed_by_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("legal_hold_pk")),
    )
    op.create_index(
        "legal_hold_one",
        "legal_hold",
        ["customer_id", "ground"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "retention_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("retention_run_pk")),
    )
    op.create_index("ix_retention_run_last", "retention_run", ["rule", sa.literal_column("ran_at DESC")], unique=False)
    op.drop_constraint("tombstone_scope_known", "tombstone", schema="vault", type_="check")
    op.create_check_constraint(
        op.f("tombstone_scope_known"),
        "tombstone",
        "scope IN ('customer', 'staff', 'correspondent', 'source', 'package')",
        schema="vault",
    )
