"""The register of paper, and of its shredding"""

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    pass
