"""Mail that comes in, and letters that come back"""

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    pass
