"""Keys and tombstones"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "master_key",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("master_key_pk")),
        schema="vault",
    )
    op.execute(
        "INSERT INTO vault.master_key (name)"
        " SELECT master_key FROM vault.index_key UNION SELECT master_key FROM vault.data_key"
    )
    for table in ("data_key", "index_key"):
        op.create_foreign_key(
            f"{table}_master_key_known",
            table,
            "master_key",
            ["master_key"],
            ["name"],
            source_schema="vault",
            referent_schema="vault",
        )
    op.create_table(
        "tombstone",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.CheckConstraint("scope IN ('customer', 'staff', 'correspondent')", name=op.f("tombstone_scope_known")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("tombstone_pk")),
        schema="vault",
    )
    op.create_table(
        "restore_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("backup", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("restore_run_pk")),
        schema="vault",
    )
    op.create_table(
        "control_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("control", sa.Text(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("control_run_pk")),
    )
    op.create_index("ix_control_run_last", "control_run", ["control", sa.text("ran_at DESC")], unique=False)
