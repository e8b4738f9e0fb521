"""Requests about personal data, how near their deadlines they are, packages, and the links that open them once."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from kalecart.tables import metadata

_OPEN: Final = sa.text("answered_at IS NULL AND refused_at IS NULL AND joined_at IS NULL AND erased_at IS NULL")

privacy_request: Final = sa.Table(
    "privacy_request",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    # Whom it is about: a customer, somebody without an account whom to write to, or who works or worked here.
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id")),
    sa.Column("correspondent_id", sa.Uuid, sa.ForeignKey("correspondent.id")),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id")),
    # Who of the staff wrote down what came by mail, by post or from an agent.
    sa.Column("entered_by", sa.Uuid, sa.ForeignKey("staff.id")),
    # When it reached the shop, which may be days before it was written down (C13).
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    # What the person proved enough for, and by what: `password`, `code`, `points`; `none` where nobody could.
    sa.Column("level", sa.Text),
    sa.Column("proof", sa.Text),
    sa.Column("tries", sa.SmallInteger, nullable=False, server_default="0"),
    # A code for the mailbox on file, sealed with its owner's key until it is used or too old.
    sa.Column("code_sealed", sa.LargeBinary),
    sa.Column("code_until", sa.DateTime(timezone=True)),
    # An agent showed a signed permission; the customer confirms by the code.
    sa.Column("permission_seen", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("verified_at", sa.DateTime(timezone=True)),
    sa.Column("review_at", sa.DateTime(timezone=True)),
    sa.Column("answered_at", sa.DateTime(timezone=True)),
    sa.Column("refused_at", sa.DateTime(timezone=True)),
    sa.Column("refusal", sa.Text),
    # What finding it would cost, as the manager signed and the person was told before (C11).
    sa.Column("cost_cents", sa.Integer),
    sa.Column("cost_told_at", sa.DateTime(timezone=True)),
    sa.Column("joined_at", sa.DateTime(timezone=True)),
    # Its person was erased while it was open: there is nothing left to answer with.
    sa.Column("erased_at", sa.DateTime(timezone=True)),
    sa.Column("joined_id", sa.Uuid, sa.ForeignKey("privacy_request.id")),
    # How far the worker is with it, and since when.
    sa.Column("begun_at", sa.DateTime(timezone=True)),
    sa.Column("rows_done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rows_total", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("kind IN ('access', 'correction', 'erasure', 'opt_out')", name="privacy_request_kind_known"),
    sa.CheckConstraint("channel IN ('account', 'web', 'mail', 'post', 'agent')", name="privacy_request_channel_known"),
    sa.CheckConstraint("level IN ('categories', 'specifics')", name="privacy_request_level_known"),
    sa.CheckConstraint(
        "refusal IN ('other_individual', 'legal', 'security', 'proprietary', 'cost')",
        name="privacy_request_refusal_known",
    ),
    sa.CheckConstraint("(refused_at IS NULL) = (refusal IS NULL)", name="privacy_request_refused_for_a_reason"),
    sa.CheckConstraint("(cost_cents IS NULL) = (cost_told_at IS NULL)", name="privacy_request_cost_told"),
    sa.CheckConstraint(
        "refusal IS NULL OR refusal <> 'cost' OR cost_told_at < refused_at", name="privacy_request_cost_told_before"
    ),
    sa.CheckConstraint("(joined_at IS NULL) = (joined_id IS NULL)", name="privacy_request_joined_to_one"),
    sa.CheckConstraint("received_at <= recorded_at", name="privacy_request_received_before_recorded"),
    sa.CheckConstraint(
        "(channel IN ('account', 'web')) = (entered_by IS NULL)", name="privacy_request_entered_by_whom"
    ),
    # Nobody's data are handed over before it is known whose they are (C10).
    sa.CheckConstraint(
        "verified_at IS NULL OR num_nonnulls(customer_id, correspondent_id, staff_id) = 1 AND level IS NOT NULL",
        name="privacy_request_verified_person",
    ),
    sa.Index("ix_privacy_request_customer", "customer_id", "received_at"),
    sa.Index("ix_privacy_request_correspondent", "correspondent_id"),
    sa.Index("ix_privacy_request_staff", "staff_id"),
    # One request of a kind is open at a time; another joins it.
    sa.Index(
        "privacy_request_one_open",
        "customer_id",
        "kind",
        unique=True,
        postgresql_where=_OPEN,
    ),
    sa.Index(
        "ix_privacy_request_due",
        "due_at",
        postgresql_where=_OPEN,
    ),
)

# Each step towards the deadline that was noticed and told, once.
privacy_stage: Final = sa.Table(
    "privacy_stage",
    metadata,
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("privacy_request.id"), primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
)

# What a person gets: sealed under a key of its own, which is destroyed when its time is over.
privacy_package: Final = sa.Table(
    "privacy_package",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("privacy_request.id"), nullable=False, unique=True),
    # Whose it is.
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id")),
    sa.Column("correspondent_id", sa.Uuid, sa.ForeignKey("correspondent.id")),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id")),
    # The one instant everything in it is as of.
    sa.Column("snapshot_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    # [{"what": a column, "reason": one of the five, "count": how many}]: names of columns, never what is in them.
    sa.Column("withheld", JSONB, nullable=False),
    sa.Column("unread", JSONB, nullable=False),
    # The last step about what is kept back that it obeys.
    sa.Column("decisions", sa.SmallInteger, nullable=False, server_default="0"),
    sa.CheckConstraint("num_nonnulls(customer_id, correspondent_id, staff_id) = 1", name="privacy_package_one_person"),
    sa.Index("ix_privacy_package_expires", "expires_at", postgresql_where=sa.text("sealed IS NOT NULL")),
)

# What was decided to be kept back from a package, step by step; lines are never changed, the last about a thing counts.
privacy_restriction: Final = sa.Table(
    "privacy_restriction",
    metadata,
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("privacy_request.id"), primary_key=True),
    sa.Column("number", sa.SmallInteger, primary_key=True, autoincrement=False),
    # A table of the register, or what has to be searched by hand.
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("ground", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    # Nobody of the staff where the person answered themselves.
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("estimate_cents", sa.Integer),
    sa.Column("told_at", sa.DateTime(timezone=True)),
    sa.Column("narrowed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint("what ~ '^[a-z_]{1,40}$'", name="privacy_restriction_what_is_a_name"),
    sa.CheckConstraint(
        "ground IN ('open_dispute', 'legal_hold', 'law', 'somebody_else', 'misuse', 'partner', 'cost')",
        name="privacy_restriction_ground_known",
    ),
    sa.CheckConstraint(
        "reason IN ('other_individual', 'legal', 'security', 'proprietary', 'cost')",
        name="privacy_restriction_reason_known",
    ),
    sa.CheckConstraint(
        "step IN ('decided', 'proposed', 'accepted', 'narrowed', 'signed', 'lifted')",
        name="privacy_restriction_step_known",
    ),
    sa.CheckConstraint(
        "(reason = 'cost') = (estimate_cents IS NOT NULL AND told_at IS NOT NULL)",
        name="privacy_restriction_cost_estimated",
    ),
    sa.CheckConstraint("reason <> 'cost' OR step <> 'decided'", name="privacy_restriction_cost_is_signed"),
    sa.CheckConstraint(
        "step <> 'signed' OR reason = 'cost' AND staff_id IS NOT NULL AND told_at < at",
        name="privacy_restriction_told_before_signed",
    ),
)

# Opens a package once, soon after its person has proved again who they are.
privacy_link: Final = sa.Table(
    "privacy_link",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    sa.Column("package_id", sa.Uuid, sa.ForeignKey("privacy_package.id"), nullable=False),
    # Whoever has a log-in and may have proved it again; others use a code.
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id")),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("used_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("num_nonnulls(customer_id, staff_id) = 1", name="privacy_link_one_person"),
    sa.Index("ix_privacy_link_package", "package_id"),
)
