"""Which scheduler saw to a job"""

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    pass
