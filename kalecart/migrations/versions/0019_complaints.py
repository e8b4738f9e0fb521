"""Complaints and the steps of their thirty days"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.drop_constraint("correspondent_source_lawful", "correspondent")
    op.create_check_constraint(
        "correspondent_source_lawful", "correspondent", "source IN ('request', 'unconsented_source', 'complaint')"
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("correspondent_id", sa.Uuid(), nullable=True),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("postal_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("against", sa.Uuid(), nullable=True),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("specifics_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explanation_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(channel = 'web') = (entered_by IS NULL) OR channel = 'mail'", name=op.f("complaint_entered_by_whom")
        ),
        sa.CheckConstraint("channel IN ('web', 'mail', 'post')", name=op.f("complaint_channel_known")),
        sa.CheckConstraint("(customer_id IS NULL) <> (correspondent_id IS NULL)", name=op.f("complaint_of_one_person")),
        sa.CheckConstraint("(explanation_sealed IS NULL) = (explained_at IS NULL)", name=op.f("complaint_explained")),
        sa.CheckConstraint("handler_id <> against", name=op.f("complaint_handled_by_another")),
        sa.CheckConstraint("received_at <= recorded_at", name=op.f("complaint_received_before_recorded")),
        sa.ForeignKeyConstraint(["against"], ["staff.id"], name=op.f("complaint_against_known")),
        sa.ForeignKeyConstraint(
            ["correspondent_id"], ["correspondent.id"], name=op.f("complaint_correspondent_id_known")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("complaint_customer_id_known")),
        sa.ForeignKeyConstraint(["entered_by"], ["staff.id"], name=op.f("complaint_entered_by_known")),
        sa.ForeignKeyConstraint(["handler_id"], ["staff.id"], name=op.f("complaint_handler_id_known")),
        sa.ForeignKeyConstraint(["previous_id"], ["complaint.id"], name=op.f("complaint_previous_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("complaint_pk")),
        sa.UniqueConstraint("number", name="complaint_number_once"),
        sa.UniqueConstraint("previous_id", name="complaint_continued_once"),
    )
    op.create_index("ix_complaint_correspondent", "complaint", ["correspondent_id"], unique=False)
    op.create_index("ix_complaint_customer", "complaint", ["customer_id", "received_at"], unique=False)
    op.create_index(
        "ix_complaint_handler",
        "complaint",
        ["handler_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index(
        "ix_complaint_look", "complaint", ["look_at"], unique=False, postgresql_where=sa.text("answered_at IS NULL")
    )
    op.create_index(
        "ix_complaint_open", "complaint", ["due_at"], unique=False, postgresql_where=sa.text("answered_at IS NULL")
    )
    op.create_table(
        "complaint_concern",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("complaint_concern_complaint_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("complaint_concern_pk")),
        sa.UniqueConstraint("complaint_id", "position", name="complaint_concern_position_once"),
    )
    op.create_table(
        "complaint_addition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('text', 'scan')", name=op.f("complaint_addition_kind_known")),
        sa.ForeignKeyConstraint(["added_by"], ["staff.id"], name=op.f("complaint_addition_added_by_known")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("complaint_addition_complaint_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("complaint_addition_pk")),
    )
    op.create_index("ix_complaint_addition_complaint", "complaint_addition", ["complaint_id", "added_at"], unique=False)
    op.create_table(
        "complaint_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assigned_by"], ["staff.id"], name=op.f("complaint_assignment_assigned_by_known")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("complaint_assignment_complaint_id_known")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("complaint_assignment_staff_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("complaint_assignment_pk")),
    )
    op.create_index("ix_complaint_assignment_complaint", "complaint_assignment", ["complaint_id", "at"], unique=False)
    op.create_table(
        "complaint_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("findings_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("steps_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel <> 'post' OR sent_at IS NOT NULL", name=op.f("complaint_answer_posted_when")),
        sa.CheckConstraint("channel IN ('mail', 'post')", name=op.f("complaint_answer_channel_known")),
        sa.CheckConstraint(
            "bounced_at IS NULL OR sent_at IS NOT NULL", name=op.f("complaint_answer_bounced_after_sent")
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("complaint_answer_complaint_id_known")),
        sa.ForeignKeyConstraint(["signed_by"], ["staff.id"], name=op.f("complaint_answer_signed_by_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("complaint_answer_pk")),
    )
    op.create_index("ix_complaint_answer_complaint", "complaint_answer", ["complaint_id", "signed_at"], unique=False)
    op.create_table(
        "complaint_step",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("step ~ '^(day_[0-9]{1,2}|breach(_[0-9]+)?)$'", name=op.f("complaint_step_named")),
        sa.CheckConstraint("happened_at >= due_at", name=op.f("complaint_step_not_early")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("complaint_step_complaint_id_known")),
        sa.PrimaryKeyConstraint("complaint_id", "step", name=op.f("complaint_step_pk")),
    )
    op.create_table(
        "complaint_ladder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("complaint_ladder_made_by_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("complaint_ladder_pk")),
    )
