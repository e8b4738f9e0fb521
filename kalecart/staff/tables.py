"""Staff: people who work for the shop, their roles, what they are designated for, and their log-ins."""

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
    sa.Column("id", sa.Uuid, nullable=False, server_default=sa.text("gen_random_uuid()")),
    # Both are missing where an older copy of the shop let somebody in.
    sa.Column("last_seen_at", sa.DateTime(timezone=True)),
    sa.Column("proof", sa.Text),
    sa.CheckConstraint("proof IN ('password', 'code', 'passkey', 'recovery')", name="staff_session_proof_known"),
    sa.Index("ix_staff_session_staff_id", "staff_id"),
)

# Whom the manager designates to act for him (C3). Rows are added, and taken back once; whoever leaves needs neither.
# An answer to a complaint, and a complaint that is given to somebody, need one in force: triggers see to it.
designation: Final = sa.Table(
    "designation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True)),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    # Nobody where somebody joined as privacy administrator.
    sa.Column("made_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("scope IN ('complaints', 'requests')", name="designation_scope_known"),
    sa.CheckConstraint("ends_at > starts_at", name="designation_ends_after_start"),
    sa.CheckConstraint("staff_id <> made_by", name="designation_by_another"),
    sa.Index("ix_designation_staff", "staff_id", "scope"),
)

# Who was trained in privacy and safeguarding, and until when that counts (C8, C9); added to and never changed.
training: Final = sa.Table(
    "training",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("held_on", sa.Date, nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("recorded_by", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_training_staff", "staff_id", "expires_at"),
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
