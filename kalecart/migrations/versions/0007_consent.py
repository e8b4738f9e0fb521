"""Consent, suspension, accuracy"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _consent()
    _suspension()
    _accuracy()


def _consent() -> None:
    op.drop_constraint("consent_purpose_declared", "consent", type_="check")
    op.create_check_constraint(
        "consent_purpose_declared",
        "consent",
        "purpose IN ('payment_and_delivery', 'improve_service', 'additional_information', 'news_by_email')",
    )
    op.drop_constraint("consent_source_lawful", "consent", type_="check")
    op.create_check_constraint(
        "consent_source_lawful",
        "consent",
        "source IN ('sign_up', 'account_page', 'notice_page', 'staff_paper', 'gpc')",
    )
    op.add_column("consent", sa.Column("field", sa.Text(), nullable=True))
    op.add_column("consent", sa.Column("despite_signal", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_check_constraint("consent_signal_only_withdraws", "consent", "source <> 'gpc' OR decision = 'withdrawn'")


def _suspension() -> None:
    op.add_column("customer", sa.Column("delivery_ends_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("words_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("effective_at > told_at", name=op.f("suspension_told_before_it_takes_effect")),
        sa.CheckConstraint("lifted_at >= told_at", name=op.f("suspension_lifted_after_it_was_told")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("suspension_customer_id_known")),
        sa.ForeignKeyConstraint(["words_sha256"], ["consent_words.sha256"], name=op.f("suspension_words_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("suspension_pk")),
    )
    op.create_index(
        "suspension_one_at_a_time",
        "suspension",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def _accuracy() -> None:
    op.add_column("customer", sa.Column("email_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("customer", sa.Column("details_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "past_detail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("field IN ('name', 'email', 'phone', 'address')", name=op.f("past_detail_field_known")),
        sa.CheckConstraint("why IN ('own_correction', 'correction_request')", name=op.f("past_detail_why_known")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("past_detail_customer_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("past_detail_pk")),
    )
    op.create_index("ix_past_detail_customer", "past_detail", ["customer_id", sa.text("changed_at DESC")])
    op.create_table(
        "correction_effect",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("past_detail_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("place IN ('stripe', 'order')", name=op.f("correction_effect_place_known")),
        sa.CheckConstraint(
            "(place = 'order') = (order_id IS NOT NULL)", name=op.f("correction_effect_names_its_order")
        ),
        sa.CheckConstraint(
            "outcome IN ('applied', 'too_late', 'not_held', 'kept')", name=op.f("correction_effect_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["past_detail_id"], ["past_detail.id"], name=op.f("correction_effect_past_detail_id_known")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("correction_effect_order_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("correction_effect_pk")),
    )
    op.create_index("ix_correction_effect_past_detail_id", "correction_effect", ["past_detail_id"])
    op.create_table(
        "detail_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "why IN ('mail_failed', 'delivery_failed', 'yearly', 'own_accord')", name=op.f("detail_check_why_known")
        ),
        sa.CheckConstraint("answer IN ('still_right', 'corrected')", name=op.f("detail_check_answer_known")),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("detail_check_answer_has_its_time")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("detail_check_customer_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("detail_check_pk")),
    )
    op.create_index(
        "detail_check_open_once",
        "detail_check",
        ["customer_id", "why"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
