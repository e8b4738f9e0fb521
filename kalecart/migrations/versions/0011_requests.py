"""Requests about personal data"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

_OPEN = sa.text("answered_at IS NULL AND refused_at IS NULL AND joined_at IS NULL AND erased_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("correspondent_id", sa.Uuid(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("permission_seen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("cost_cents", sa.Integer(), nullable=True),
        sa.Column("cost_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_id", sa.Uuid(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_total", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(channel IN ('account', 'web')) = (entered_by IS NULL)", name=op.f("privacy_request_entered_by_whom")
        ),
        sa.CheckConstraint(
            "channel IN ('account', 'web', 'mail', 'post', 'agent')", name=op.f("privacy_request_channel_known")
        ),
        sa.CheckConstraint(
            "kind IN ('access', 'correction', 'erasure', 'opt_out')", name=op.f("privacy_request_kind_known")
        ),
        sa.CheckConstraint("level IN ('categories', 'specifics')", name=op.f("privacy_request_level_known")),
        sa.CheckConstraint(
            "refusal IN ('other_individual', 'legal', 'security', 'proprietary', 'cost')",
            name=op.f("privacy_request_refusal_known"),
        ),
        sa.CheckConstraint(
            "refusal IS NULL OR refusal <> 'cost' OR cost_told_at < refused_at",
            name=op.f("privacy_request_cost_told_before"),
        ),
        sa.CheckConstraint("(cost_cents IS NULL) = (cost_told_at IS NULL)", name=op.f("privacy_request_cost_told")),
        sa.CheckConstraint("(joined_at IS NULL) = (joined_id IS NULL)", name=op.f("privacy_request_joined_to_one")),
        sa.CheckConstraint(
            "(refused_at IS NULL) = (refusal IS NULL)", name=op.f("privacy_request_refused_for_a_reason")
        ),
        sa.CheckConstraint("received_at <= recorded_at", name=op.f("privacy_request_received_before_recorded")),
        sa.CheckConstraint(
            "verified_at IS NULL OR customer_id IS NOT NULL AND level IS NOT NULL",
            name=op.f("privacy_request_verified_person"),
        ),
        sa.ForeignKeyConstraint(
            ["correspondent_id"], ["correspondent.id"], name=op.f("privacy_request_correspondent_id_known")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("privacy_request_customer_id_known")),
        sa.ForeignKeyConstraint(["entered_by"], ["staff.id"], name=op.f("privacy_request_entered_by_known")),
        sa.ForeignKeyConstraint(["joined_id"], ["privacy_request.id"], name=op.f("privacy_request_joined_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("privacy_request_pk")),
    )
    op.create_index("ix_privacy_request_customer", "privacy_request", ["customer_id", "received_at"], unique=False)
    op.create_index(
        "ix_privacy_request_due",
        "privacy_request",
        ["due_at"],
        unique=False,
        postgresql_where=_OPEN,
    )
    op.create_index(
        "privacy_request_one_open",
        "privacy_request",
        ["customer_id", "kind"],
        unique=True,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "privacy_stage",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["privacy_request.id"], name=op.f("privacy_stage_request_id_known")),
        sa.PrimaryKeyConstraint("request_id", "stage", name=op.f("privacy_stage_pk")),
    )
    op.create_table(
        "privacy_package",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("withheld", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unread", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("privacy_package_customer_id_known")),
        sa.ForeignKeyConstraint(["request_id"], ["privacy_request.id"], name=op.f("privacy_package_request_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("privacy_package_pk")),
        sa.UniqueConstraint("request_id", name=op.f("privacy_package_request_id_once")),
    )
    op.create_index(
        "ix_privacy_package_expires",
        "privacy_package",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("sealed IS NOT NULL"),
    )
    op.create_table(
        "privacy_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("privacy_link_customer_id_known")),
        sa.ForeignKeyConstraint(["package_id"], ["privacy_package.id"], name=op.f("privacy_link_package_id_known")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("privacy_link_pk")),
    )
    op.create_index("ix_privacy_link_package", "privacy_link", ["package_id"], unique=False)
