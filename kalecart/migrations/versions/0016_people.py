"""People without an account, and staff, ask for their data"""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    pass
