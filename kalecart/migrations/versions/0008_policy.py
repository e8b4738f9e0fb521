"""Policy told, and unconsented sources"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("policy_version", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "policy_delivery",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("person_kind", sa.Text(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("person_kind IN ('customer', 'staff')", name=op.f("policy_delivery_kind_known")),
        sa.CheckConstraint(
            "(person_kind = 'staff') = (acknowledge_by IS NOT NULL)", name=op.f("policy_delivery_staff_have_until")
        ),
        sa.ForeignKeyConstraint(["version"], ["policy_version.version"], name=op.f("policy_delivery_version_known")),
        sa.PrimaryKeyConstraint("person_id", "version", name=op.f("policy_delivery_pk")),
    )
    op.create_index("ix_policy_delivery_version", "policy_delivery", ["version", "person_kind"], unique=False)
