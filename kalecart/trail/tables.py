"""The chain over the audit trail: a link for each sealed line, and one row that everybody who seals locks.

Two who seal at once would both continue from the same link; locking the last link does not prevent it, because a
statement that waited for it goes on from what it saw before. One row that never moves does.
"""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

# Append-only by privilege, like the lines themselves.
audit_link: Final = sa.Table(
    "audit_link",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry_id", sa.Uuid, sa.ForeignKey("audit_entry.id"), nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("entry_id", name="audit_link_once"),
    sa.CheckConstraint("sequence > 0", name="audit_link_sequence_counts"),
    sa.CheckConstraint("octet_length(hash) = 32", name="audit_link_hash_whole"),
)

audit_head: Final = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("entry_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("id = 1", name="audit_head_only_one"),
)
