"""People without an account, and staff, ask for their data"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

# What is about a person names exactly one, of one of the kinds there are.
_WHOM = {
    "privacy_package": ("correspondent_id", "staff_id"),
    "privacy_link": ("staff_id",),
    "erasure": ("correspondent_id", "staff_id"),
}


def upgrade() -> None:
    _column("privacy_request", "staff_id")
    for table, columns in _WHOM.items():
        op.alter_column(table, "customer_id", existing_type=sa.Uuid(), nullable=True)
        for column in columns:
            _column(table, column)
        whom = ", ".join(("customer_id", *columns))
        op.create_check_constraint(op.f(f"{table}_one_person"), table, f"num_nonnulls({whom}) = 1")
    for column in _WHOM["erasure"]:
        op.create_unique_constraint(op.f(f"erasure_{column}_once"), "erasure", [column])
    for column in ("correspondent_id", "staff_id"):
        op.create_index(f"ix_privacy_request_{column.removesuffix('_id')}", "privacy_request", [column], unique=False)
    op.drop_constraint("privacy_request_verified_person", "privacy_request", type_="check")
    op.create_check_constraint(
        op.f("privacy_request_verified_person"),
        "privacy_request",
        "verified_at IS NULL OR num_nonnulls(customer_id, correspondent_id, staff_id) = 1 AND level IS NOT NULL",
    )


def _column(table: str, column: str) -> None:
    names = column.removesuffix("_id")
    op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(f"{table}_{column}_known"), table, names, [column], ["id"])
