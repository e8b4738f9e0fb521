"""What an administrator withholds from a package, and why"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "privacy_restriction",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("estimate_cents", sa.Integer(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("narrowed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("what ~ '^[a-z_]{1,40}$'", name=op.f("privacy_restriction_what_is_a_name")),
        sa.CheckConstraint(
            "ground IN ('open_dispute', 'legal_hold', 'law', 'somebody_else', 'misuse', 'partner', 'cost')",
            name=op.f("privacy_restriction_ground_known"),
        ),
        sa.CheckConstraint(
            "reason IN ('other_individual', 'legal', 'security', 'proprietary', 'cost')",
            name=op.f("privacy_restriction_reason_known"),
        ),
        sa.CheckConstraint(
            "step IN ('decided', 'proposed', 'accepted', 'narrowed', 'signed', 'lifted')",
            name=op.f("privacy_restriction_step_known"),
        ),
        sa.CheckConstraint(
            "(reason = 'cost') = (estimate_cents IS NOT NULL AND told_at IS NOT NULL)",
            name=op.f("privacy_restriction_cost_estimated"),
        ),
        sa.CheckConstraint("reason <> 'cost' OR step <> 'decided'", name=op.f("privacy_restriction_cost_is_signed")),
        sa.CheckConstraint(
            "step <> 'signed' OR reason = 'cost' AND staff_id IS NOT NULL AND told_at < at",
            name=op.f("privacy_restriction_told_before_signed"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("privacy_restriction_request_id_known")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("privacy_restriction_staff_id_known")),
        sa.PrimaryKeyConstraint("request_id", "number", name=op.f("privacy_restriction_pk")),
    )
    op.add_column("privacy_package", sa.Column("decisions", sa.SmallInteger(), server_default="0", nullable=False))
