"""Each step of escalation says who was told, and whoever was told gets one letter of all that happened at once"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("complaint_step", sa.Column("told", ARRAY(sa.Uuid), nullable=False, server_default="{}"))
    op.execute("""
        UPDATE complaint_step AS s SET told = letters.people
          FROM (SELECT occasion, array_agg(subject_id) AS people
                  FROM (SELECT occasion, subject_id FROM mail WHERE kind = 'complaint_due'
                         UNION
                        SELECT arguments ->> 'occasion', (arguments ->> 'subject')::uuid FROM task
                         WHERE topic = 'send_mail' AND arguments ->> 'kind' = 'complaint_due') AS promised
                 GROUP BY occasion) AS letters
         WHERE letters.occasion = s.complaint_id || ':' || s.step
    """)
    op.create_index("ix_complaint_step_happened", "complaint_step", ["happened_at"])
