"""Answers on paper that are signed, and not posted yet"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    # Whoever runs the release before this one says when it was posted as they sign it.
    op.drop_constraint("complaint_answer_posted_when", "complaint_answer", type_="check")
    op.create_index(
        "ix_complaint_answer_to_post",
        "complaint_answer",
        ["signed_at"],
        unique=False,
        postgresql_where=sa.text("channel = 'post' AND sent_at IS NULL"),
    )
