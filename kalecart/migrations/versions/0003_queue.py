"""The queue for people: paused topics, discarded tasks, the audit trail"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("actor_kind IN ('staff', 'customer', 'shop')", name=op.f("audit_entry_actor_known")),
        sa.CheckConstraint("(actor_kind = 'shop') = (actor_id IS NULL)", name=op.f("audit_entry_actor_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_entry_pk")),
    )
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject", "at"], unique=False)

    op.create_table(
        "paused_topic",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("paused_topic_pk")),
    )

    op.drop_constraint("task_state_known", "task")
    op.create_check_constraint(
        op.f("task_state_known"), "task", "state IN ('pending', 'running', 'done', 'dead', 'discarded')"
    )
    op.drop_index("ix_task_ended", "task")
    op.create_index(
        "ix_task_ended",
        "task",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('done', 'discarded')"),
    )

    op.add_column("heartbeat", sa.Column("mode", sa.Text(), nullable=True))
