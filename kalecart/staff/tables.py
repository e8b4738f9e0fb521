"""Staff: people who work for the shop, their roles and their log-ins."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

staff: Final = sa.Table(
    "staff",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("email_sealed", sa.LargeBinary, nullable=False),
    sa.Column("email_index", sa.LargeBinary, nullable=False),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("left_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("email_index", name="staff_email_once"),
    sa.CheckConstraint("role IN ('manager', 'orders', 'privacy')", name="staff_role_known"),
)

staff_session: Final = sa.Table(
    "staff_session",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_staff_session_staff_id", "staff_id"),
)

# Every look at a person by staff: who, whom, what for (C8). Append-only by privilege.
staff_view: Final = sa.Table(
    "staff_view",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_staff_view_customer", "customer_id", "at"),
)
