"""Audit chain and disclosures"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], unique=False)
    op.create_table(
        "audit_link",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("audit_link_hash_whole")),
        sa.CheckConstraint("sequence > 0", name=op.f("audit_link_sequence_counts")),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("audit_link_entry_id_known")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("audit_link_pk")),
        sa.UniqueConstraint("entry_id", name="audit_link_once"),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("entry_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("audit_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_head_pk")),
    )
    op.execute(r"INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'))")
    op.create_table(
        "disclosure",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cardinality(fields) > 0", name=op.f("disclosure_says_what")),
        sa.CheckConstraint(
            "ground IN ('payment', 'delivery', 'letter', 'access', 'law')", name=op.f("disclosure_ground_known")
        ),
        sa.CheckConstraint(
            "recipient IN ('stripe', 'mail', 'courier', 'download', 'agent')", name=op.f("disclosure_recipient_known")
        ),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("disclosure_pk")),
    )
