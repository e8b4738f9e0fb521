"""Files of released figures for people outside the shop."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart.tables import metadata

# By privilege only the role `kale_export`, which reads releases and nothing else, writes what a file says.
figures_export: Final = sa.Table(
    "figures_export",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("releases", ARRAY(sa.Text), nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Uuid, nullable=False),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True)),
    sa.Column("refused", sa.Text),
    sa.Column("lines", sa.Integer),
    sa.Column("bytes", sa.Integer),
    sa.Column("sha256", sa.LargeBinary),
    sa.Column("content", sa.LargeBinary),
    sa.CheckConstraint("format IN ('csv', 'xlsx', 'json')", name="figures_export_format_known"),
    sa.CheckConstraint("cardinality(releases) BETWEEN 1 AND 100", name="figures_export_of_something"),
    sa.CheckConstraint("content IS NULL OR made_at IS NOT NULL", name="figures_export_made_before_it_is"),
    sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name="figures_export_asked_by_known"),
    sa.Index("ix_figures_export_asked", sa.text("asked_at DESC")),
)
