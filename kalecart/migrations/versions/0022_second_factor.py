"""Passkeys, one-time codes, and sessions that end when nobody uses them"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    _sessions()
    op.create_table(
        "staff_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("staff_key_staff_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_key_pk")),
        sa.UniqueConstraint("credential_id", name=op.f("staff_key_once")),
    )
    op.create_index("ix_staff_key_staff", "staff_key", ["staff_id"], unique=False)
    op.create_table(
        "staff_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("staff_code_staff_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_code_pk")),
    )
    for name, rows in (("used", "confirmed_at IS NOT NULL"), ("waits", "confirmed_at IS NULL")):
        op.create_index(
            f"ix_staff_code_{name}", "staff_code", ["staff_id"], unique=True, postgresql_where=sa.text(rows)
        )
    op.create_table(
        "staff_recovery",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("staff_recovery_staff_id_known")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("staff_recovery_pk")),
    )
    op.create_index("ix_staff_recovery_staff", "staff_recovery", ["staff_id"], unique=False)
    _challenges()


def _sessions() -> None:
    """What an older copy of the shop leaves out is filled in, or may be missing."""
    made = sa.text("gen_random_uuid()")
    op.add_column("staff_session", sa.Column("id", sa.Uuid(), server_default=made, nullable=False))
    op.add_column("staff_session", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff_session", sa.Column("proof", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("staff_session_proof_known"),
        "staff_session",
        "proof IN ('password', 'code', 'passkey', 'recovery')",
    )


def _challenges() -> None:
    op.create_table(
        "staff_challenge",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('key_log_in', 'key_added', 'code')", name=op.f("staff_challenge_purpose_known")
        ),
        sa.CheckConstraint("staff_id IS NOT NULL OR purpose = 'key_log_in'", name=op.f("staff_challenge_of_somebody")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("staff_challenge_staff_id_known")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("staff_challenge_pk")),
    )
    op.create_index("ix_staff_challenge_staff", "staff_challenge", ["staff_id"], unique=False)
    op.create_index("ix_staff_challenge_expires", "staff_challenge", ["expires_at"], unique=False)
