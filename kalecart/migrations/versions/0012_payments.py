"""Payments, tended"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

# What may not be discarded any more.
NEEDED = "('charge_order', 'settle_cancellation', 'send_refund', 'settle_event')"


def upgrade() -> None:
    op.add_column("refund", sa.Column("whole", sa.Boolean(), nullable=True))
    # What was discarded and money may still wait for is laid before staff again.
    op.execute(f"UPDATE task SET state = 'dead' WHERE state = 'discarded' AND topic IN {NEEDED}")  # noqa: S608  # ours
    op.execute(
        "INSERT INTO alert (id, kind, subject, raised_at) "  # noqa: S608  # ours
        "SELECT gen_random_uuid(), 'dead_letter', id::text, now() FROM task "
        f"WHERE state = 'dead' AND topic IN {NEEDED} ON CONFLICT DO NOTHING"
    )
