"""Complaints: what was written, who has it, what was answered, and which steps were taken on the way."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kalecart.tables import metadata

complaint: Final = sa.Table(
    "complaint",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id")),
    sa.Column("correspondent_id", sa.Uuid, sa.ForeignKey("correspondent.id")),
    # What opens its page for whoever has no account, sealed so that letters can tell it, and hashed to compare.
    sa.Column("code_sealed", sa.LargeBinary, nullable=False),
    sa.Column("code_hash", sa.LargeBinary, nullable=False),
    # The letter around the concerns, and where to write to on paper: sealed with the person's key.
    sa.Column("text_sealed", sa.LargeBinary),
    sa.Column("postal_sealed", sa.LargeBinary),
    # When it reached the shop, which may be days before it was written down (E82).
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("entered_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("handler_id", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("against", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("previous_id", sa.Uuid, sa.ForeignKey("complaint.id")),
    sa.Column("specifics_asked_at", sa.DateTime(timezone=True)),
    # When the first answer that reached the person went out.
    sa.Column("answered_at", sa.DateTime(timezone=True)),
    # Whether letters to them are printed, and when that which acknowledges it was posted, and who says so.
    sa.Column("on_paper", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
    sa.Column("acknowledged_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("explanation_sealed", sa.LargeBinary),
    sa.Column("explained_at", sa.DateTime(timezone=True)),
    # When its next step begins: only a hint where to look, the steps follow from `due_at`.
    sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("number", name="complaint_number_once"),
    # One case continues another, and only one does.
    sa.UniqueConstraint("previous_id", name="complaint_continued_once"),
    sa.CheckConstraint("channel IN ('web', 'mail', 'post')", name="complaint_channel_known"),
    sa.CheckConstraint("(customer_id IS NULL) <> (correspondent_id IS NULL)", name="complaint_of_one_person"),
    sa.CheckConstraint("received_at <= recorded_at", name="complaint_received_before_recorded"),
    sa.CheckConstraint(
        "(channel = 'web') = (entered_by IS NULL) OR channel = 'mail'", name="complaint_entered_by_whom"
    ),
    sa.CheckConstraint("(explanation_sealed IS NULL) = (explained_at IS NULL)", name="complaint_explained"),
    sa.CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="complaint_acknowledged_by_whom"),
    sa.CheckConstraint(
        "acknowledged_at IS NULL OR (on_paper AND acknowledged_at >= received_at)",
        name="complaint_acknowledged_on_paper",
    ),
    # Nobody handles a complaint about themselves (E84).
    sa.CheckConstraint("handler_id <> against", name="complaint_handled_by_another"),
    sa.Index("ix_complaint_customer", "customer_id", "received_at"),
    sa.Index("ix_complaint_correspondent", "correspondent_id"),
    sa.Index("ix_complaint_look", "look_at", postgresql_where=sa.text("answered_at IS NULL")),
    sa.Index("ix_complaint_open", "due_at", postgresql_where=sa.text("answered_at IS NULL")),
    sa.Index(
        "ix_complaint_to_post",
        "received_at",
        postgresql_where=sa.text("on_paper AND acknowledged_at IS NULL AND answered_at IS NULL"),
    ),
    # About the manager, while nobody is designated: found at once.
    sa.Index(
        "ix_complaint_nobody",
        "id",
        postgresql_where=sa.text("answered_at IS NULL AND handler_id IS NULL AND against IS NOT NULL"),
    ),
    sa.Index("ix_complaint_handler", "handler_id", "due_at", postgresql_where=sa.text("answered_at IS NULL")),
)

complaint_concern: Final = sa.Table(
    "complaint_concern",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("complaint_id", sa.Uuid, sa.ForeignKey("complaint.id"), nullable=False),
    sa.Column("position", sa.SmallInteger, nullable=False),
    sa.Column("text_sealed", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("complaint_id", "position", name="complaint_concern_position_once"),
)

# What the person added later, and scans of what came on paper.
complaint_addition: Final = sa.Table(
    "complaint_addition",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("complaint_id", sa.Uuid, sa.ForeignKey("complaint.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("content_sealed", sa.LargeBinary, nullable=False),
    sa.Column("added_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('text', 'scan')", name="complaint_addition_kind_known"),
    sa.Index("ix_complaint_addition_complaint", "complaint_id", "added_at"),
)

# Who had it from when on; added to and never changed.
complaint_assignment: Final = sa.Table(
    "complaint_assignment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("complaint_id", sa.Uuid, sa.ForeignKey("complaint.id"), nullable=False),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("assigned_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_complaint_assignment_complaint", "complaint_id", "at"),
)

# An answer states what was found and the steps taken (C13). By mail it counts once its letter went out, and no longer
# when that comes back; on paper it is printed, and counts from when it was posted.
complaint_answer: Final = sa.Table(
    "complaint_answer",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("complaint_id", sa.Uuid, sa.ForeignKey("complaint.id"), nullable=False),
    sa.Column("findings_sealed", sa.LargeBinary, nullable=False),
    sa.Column("steps_sealed", sa.LargeBinary, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("signed_by", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sent_at", sa.DateTime(timezone=True)),
    sa.Column("bounced_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("channel IN ('mail', 'post')", name="complaint_answer_channel_known"),
    sa.CheckConstraint("bounced_at IS NULL OR sent_at IS NOT NULL", name="complaint_answer_bounced_after_sent"),
    sa.Index("ix_complaint_answer_complaint", "complaint_id", "signed_at"),
    sa.Index(
        "ix_complaint_answer_to_post", "signed_at", postgresql_where=sa.text("channel = 'post' AND sent_at IS NULL")
    ),
)

# Each step once: when it was due, when it happened, and which members of staff were told. Of several that happened at
# once the last is told.
complaint_step: Final = sa.Table(
    "complaint_step",
    metadata,
    sa.Column("complaint_id", sa.Uuid, sa.ForeignKey("complaint.id"), primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("told", ARRAY(sa.Uuid), nullable=False, server_default="{}"),
    sa.CheckConstraint("happened_at >= due_at", name="complaint_step_not_early"),
    sa.CheckConstraint("step ~ '^(day_[0-9]{1,2}|breach(_[0-9]+)?)$'", name="complaint_step_named"),
    sa.Index("ix_complaint_step_happened", "happened_at"),
)

# The steps of escalation, as they were from when on; the latest row holds.
complaint_ladder: Final = sa.Table(
    "complaint_ladder",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("steps", JSONB, nullable=False),
    sa.Column("made_by", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
)
