"""Mail"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'held', 'sending', 'sent', 'failed', 'unknown', 'unneeded')",
            name=op.f("mail_state_known"),
        ),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("mail_sent_has_its_time")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("mail_customer_id_known")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("mail_order_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("mail_pk")),
        sa.UniqueConstraint("kind", "subject_id", "occasion", name="mail_once"),
    )
    op.create_index(
        "ix_mail_open",
        "mail",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'sending', 'failed', 'unknown')"),
    )
