"""What proves, beside a password, who logs in as staff (C8). All of it goes when somebody leaves."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

# Passkeys: what an authenticator signs with stays in it, here is what its signatures are held against.
staff_key: Final = sa.Table(
    "staff_key",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("credential_id", sa.LargeBinary, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_used_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("credential_id", name="staff_key_once"),
    sa.Index("ix_staff_key_staff", "staff_id"),
)

# The secret of an app that makes one-time codes. One is in use; another may wait to be confirmed by its first code.
staff_code: Final = sa.Table(
    "staff_code",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("secret_sealed", sa.LargeBinary, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("confirmed_at", sa.DateTime(timezone=True)),
    # The half minute whose code was used last: it and those before it are spent.
    sa.Column("last_step", sa.BigInteger),
    sa.Index("ix_staff_code_used", "staff_id", unique=True, postgresql_where=sa.text("confirmed_at IS NOT NULL")),
    sa.Index("ix_staff_code_waits", "staff_id", unique=True, postgresql_where=sa.text("confirmed_at IS NULL")),
)

# For who lost all of that. Each is good once: using it deletes it.
staff_recovery: Final = sa.Table(
    "staff_recovery",
    metadata,
    sa.Column("fingerprint", sa.LargeBinary, primary_key=True),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_staff_recovery_staff", "staff_id"),
)

# What was asked and not answered yet: a signature of a passkey, or a code after the right password. Answered once.
staff_challenge: Final = sa.Table(
    "staff_challenge",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    # Nobody where whoever has a passkey is asked to say who they are.
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("purpose IN ('key_log_in', 'key_added', 'code')", name="staff_challenge_purpose_known"),
    sa.CheckConstraint("staff_id IS NOT NULL OR purpose = 'key_log_in'", name="staff_challenge_of_somebody"),
    sa.Index("ix_staff_challenge_staff", "staff_id"),
    sa.Index("ix_staff_challenge_expires", "expires_at"),
)
