"""Messages that were read from the mailbox: by a keyed hash, so that none counts twice. Nothing of what they say."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

inbound_message: Final = sa.Table(
    "inbound_message",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("key_hash", sa.LargeBinary, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("key_hash", name="inbound_message_once"),
    sa.CheckConstraint(
        "outcome IN ('complaint', 'added', 'again', 'came_back', 'late', 'automatic', 'own', 'aside')",
        name="inbound_message_outcome_known",
    ),
    sa.Index("ix_inbound_message_read", "read_at"),
)
