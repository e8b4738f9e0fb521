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
    op.create_table(
        "unconsented_source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("destroy_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "channel IN ('mail', 'letter', 'file', 'import')", name=op.f("unconsented_source_channel_known")
        ),
        sa.ForeignKeyConstraint(["sender_id"], ["correspondent.id"], name=op.f("unconsented_source_sender_id_known")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("unconsented_source_recorded_by_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("unconsented_source_pk")),
    )
    op.create_index("ix_unconsented_source_sender", "unconsented_source", ["sender_id"], unique=False)
    op.create_index(
        "ix_unconsented_source_held",
        "unconsented_source",
        ["destroy_by"],
        unique=False,
        postgresql_where=sa.text("destroyed_at IS NULL"),
    )
    op.create_table(
        "quarantine",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["unconsented_source.id"], name=op.f("quarantine_source_id_known")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("quarantine_pk")),
    )
    # What was quarantined has a key of its own, which is destroyed as a person's is.
    op.drop_constraint("tombstone_scope_known", "tombstone", schema="vault", type_="check")
    op.create_check_constraint(
        op.f("tombstone_scope_known"),
        "tombstone",
        "scope IN ('customer', 'staff', 'correspondent', 'source')",
        schema="vault",
    )
