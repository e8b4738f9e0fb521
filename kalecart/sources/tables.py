"""Quarantine: what reached us without consent, sealed unread, and the record that it came and was destroyed (C4)."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

unconsented_source: Final = sa.Table(
    "unconsented_source",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("sender_id", sa.Uuid, sa.ForeignKey("correspondent.id")),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    # None where the shop itself refused an import.
    sa.Column("recorded_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("destroy_by", sa.DateTime(timezone=True), nullable=False),
    sa.Column("destroyed_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("channel IN ('mail', 'letter', 'file', 'import')", name="unconsented_source_channel_known"),
    sa.Index("ix_unconsented_source_sender", "sender_id"),
    sa.Index("ix_unconsented_source_held", "destroy_by", postgresql_where=sa.text("destroyed_at IS NULL")),
)

# Apart, so that who may see that something came may not see what: the web can only put something in, and one worker
# can only take it out and throw it away.
quarantine: Final = sa.Table(
    "quarantine",
    metadata,
    sa.Column("source_id", sa.Uuid, sa.ForeignKey("unconsented_source.id"), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
