"""Reviews of access, the plan of audits, the audits that were held and what they found."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart.tables import metadata

access_review: Final = sa.Table(
    "access_review",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("quarter", sa.Text, nullable=False),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("quarter", name="access_review_quarter_once"),
)

# One for each role and designation that somebody held when the review opened. Decided once, never by whom it is about,
# and by a manager or somebody who acts for him: triggers see to it.
access_review_line: Final = sa.Table(
    "access_review_line",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("review_id", sa.Uuid, sa.ForeignKey("access_review.id"), nullable=False),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("decided_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("decided_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("review_id", "staff_id", "kind", "what", name="access_review_line_once"),
    sa.CheckConstraint("kind IN ('role', 'designation')", name="access_review_line_kind_known"),
    sa.CheckConstraint(
        "what IN ('manager', 'orders', 'privacy', 'complaints', 'requests')", name="access_review_line_what_known"
    ),
    sa.CheckConstraint("outcome IN ('kept', 'taken')", name="access_review_line_outcome_known"),
    sa.CheckConstraint(
        "num_nonnulls(outcome, decided_by, decided_at) IN (0, 3)", name="access_review_line_decided_whole"
    ),
    sa.CheckConstraint("decided_by <> staff_id", name="access_review_line_by_another"),
    sa.Index("ix_access_review_line_staff", "staff_id"),
)

audit_plan: Final = sa.Table(
    "audit_plan",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    # Of those every shop begins with.
    sa.Column("key", sa.Text),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("clauses", ARRAY(sa.Text), nullable=False),
    sa.Column("months", sa.SmallInteger, nullable=False),
    sa.Column("planned_on", sa.Date, nullable=False),
    # The manager, where there is nobody.
    sa.Column("auditor_id", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("stopped_at", sa.DateTime(timezone=True)),
    sa.Column("made_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("key", name="audit_plan_key_once"),
    sa.CheckConstraint("months BETWEEN 1 AND 24", name="audit_plan_months_sound"),
    sa.CheckConstraint("cardinality(clauses) BETWEEN 1 AND 15", name="audit_plan_of_something"),
)

audit_held: Final = sa.Table(
    "audit_held",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("plan_id", sa.Uuid, sa.ForeignKey("audit_plan.id"), nullable=False),
    sa.Column("held_on", sa.Date, nullable=False),
    sa.Column("held_by", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Index("ix_audit_held_plan", "plan_id", "held_on"),
)

# Its triggers: it begins open, is closed by way of being mended and by somebody who acts, and then stays as it is.
audit_finding: Final = sa.Table(
    "audit_finding",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("audit_id", sa.Uuid, sa.ForeignKey("audit_held.id"), nullable=False),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("follow_up_by", sa.Date, nullable=False),
    sa.Column("found_by", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("mended_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("mended_at", sa.DateTime(timezone=True)),
    sa.Column("mended_how", sa.Text),
    sa.Column("closed_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("severity IN ('minor', 'severe')", name="audit_finding_severity_known"),
    sa.CheckConstraint("state IN ('open', 'mended', 'closed')", name="audit_finding_state_known"),
    sa.CheckConstraint(
        "num_nonnulls(mended_by, mended_at, mended_how) = CASE state WHEN 'open' THEN 0 ELSE 3 END",
        name="audit_finding_mended_whole",
    ),
    sa.CheckConstraint(
        "num_nonnulls(closed_by, closed_at) = CASE state WHEN 'closed' THEN 2 ELSE 0 END",
        name="audit_finding_closed_whole",
    ),
    sa.CheckConstraint("severity <> 'severe' OR closed_by <> mended_by", name="audit_finding_four_eyes"),
    sa.Index("ix_audit_finding_audit", "audit_id"),
)
