"""Audits, their findings, and reviews of who may do what"""

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    pass
