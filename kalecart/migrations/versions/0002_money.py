"""Money that cannot be lost or taken twice: refunds, disputes, 3-D Secure, bank accounts"""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    pass
