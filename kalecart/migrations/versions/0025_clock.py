"""Which scheduler saw to a job"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("timed_run", sa.Column("taken_by", sa.Text))
    op.add_column("heartbeat", sa.Column("seen_at", sa.DateTime(timezone=True)))
