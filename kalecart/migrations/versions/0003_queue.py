"""The queue for people: paused topics, the audit trail"""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
