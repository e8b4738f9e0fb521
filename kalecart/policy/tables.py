"""Published versions of the policy (C9). A version never changes once it is published."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

policy_version: Final = sa.Table(
    "policy_version",
    metadata,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("sha256", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("effective_on", sa.Date, nullable=False),
    sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
)
