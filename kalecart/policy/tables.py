"""Published versions of the policy, and who was told of which (C9). A version never changes once it is published."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

policy_version: Final = sa.Table(
    "policy_version",
    metadata,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("sha256", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("effective_on", sa.Date, nullable=False),
    sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
    # When everybody who was a customer then had been told.
    sa.Column("told_at", sa.DateTime(timezone=True)),
)

# That a person is told of a version: the letter is promised with the row, and they may say that they read it.
policy_delivery: Final = sa.Table(
    "policy_delivery",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Text, sa.ForeignKey("policy_version.version"), primary_key=True),
    sa.Column("person_kind", sa.Text, nullable=False),
    sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
    # Who works here has until then; a customer has no duty to answer.
    sa.Column("acknowledge_by", sa.DateTime(timezone=True)),
    sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("person_kind IN ('customer', 'staff')", name="policy_delivery_kind_known"),
    sa.CheckConstraint(
        "(person_kind = 'staff') = (acknowledge_by IS NOT NULL)", name="policy_delivery_staff_have_until"
    ),
    sa.Index("ix_policy_delivery_version", "version", "person_kind"),
)
