"""What the scheduler leaves behind: which slot of which timed job ran, and that it is alive."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

# Two schedulers tick at once; the row says which of them was first.
timed_run: Final = sa.Table(
    "timed_run",
    metadata,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("slot", sa.Text, primary_key=True),
    sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
)

heartbeat: Final = sa.Table(
    "heartbeat",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
)
