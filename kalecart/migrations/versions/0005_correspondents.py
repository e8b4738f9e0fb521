"""Correspondents, and letters to others than customers"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_constraint("staff_role_known", "staff", type_="check")
    op.create_check_constraint("staff_role_known", "staff", "role IN ('manager', 'orders', 'privacy')")
    op.create_table(
        "correspondent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('request', 'unconsented_source')", name=op.f("correspondent_source_lawful")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correspondent")),
        sa.UniqueConstraint("email_index", "source", name=op.f("correspondent_once")),
    )
    op.alter_column("mail", "customer_id", nullable=True)
    for column, table in (("staff_id", "staff"), ("correspondent_id", "correspondent")):
        op.add_column("mail", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_mail_{column}_{table}"), "mail", table, [column], ["id"])
    op.create_check_constraint(
        "mail_one_recipient", "mail", "num_nonnulls(customer_id, staff_id, correspondent_id) = 1"
    )
