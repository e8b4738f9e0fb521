"""Correspondents, and letters to others than customers"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_constraint("staff_role_known", "staff", type_="check")
    op.create_check_constraint("staff_role_known", "staff", "role IN ('manager', 'orders', 'privacy')")
