"""What became of a task's attempts"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    for column in ("unanswered", "lapses"):
        op.add_column("task", sa.Column(column, sa.SmallInteger(), server_default="0", nullable=False))
