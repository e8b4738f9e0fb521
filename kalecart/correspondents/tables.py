"""Correspondents: people without an account whom the shop has to write to, for as long as it has to."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

correspondent: Final = sa.Table(
    "correspondent",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("email_sealed", sa.LargeBinary, nullable=False),
    sa.Column("email_index", sa.LargeBinary, nullable=False),
    sa.Column("name_sealed", sa.LargeBinary),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    # The same person may write for different reasons; each is forgotten on its own.
    sa.UniqueConstraint("email_index", "source", name="correspondent_once"),
    # They wrote to us (C4, C10): nobody gets into this table from a list.
    sa.CheckConstraint("source IN ('request', 'unconsented_source', 'complaint')", name="correspondent_source_lawful"),
)
