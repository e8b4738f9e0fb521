"""Messages that were read from the mailbox, letters that came back, and acknowledgements that are posted"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "inbound_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_message")),
        sa.UniqueConstraint("key_hash", name="inbound_message_once"),
        sa.CheckConstraint(
            "outcome IN ('complaint', 'added', 'again', 'came_back', 'late', 'automatic', 'own', 'aside')",
            name=op.f("inbound_message_outcome_known"),
        ),
    )
    op.create_index("ix_inbound_message_read", "inbound_message", ["read_at"], unique=False)
    op.add_column("mail", sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mail", sa.Column("return_code", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("mail_return_has_its_time"), "mail", "return_code IS NULL OR returned_at IS NOT NULL"
    )
    op.create_index(
        "ix_mail_returned", "mail", ["id"], unique=False, postgresql_where=sa.text("returned_at IS NOT NULL")
    )
    _posted()


def _posted() -> None:
    op.add_column("complaint", sa.Column("on_paper", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("complaint", sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("complaint", sa.Column("acknowledged_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_complaint_acknowledged_by_staff"), "complaint", "staff", ["acknowledged_by"], ["id"])
    op.create_check_constraint(
        op.f("complaint_acknowledged_by_whom"), "complaint", "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)"
    )
    op.create_check_constraint(
        op.f("complaint_acknowledged_on_paper"),
        "complaint",
        "acknowledged_at IS NULL OR (on_paper AND acknowledged_at >= received_at)",
    )
    op.create_index(
        "ix_complaint_to_post",
        "complaint",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("on_paper AND acknowledged_at IS NULL AND answered_at IS NULL"),
    )
