"""Erasures, what they wait for, and holds that the law asks for."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

# One for each person who asked for it. Holds numbers and instants; Stripe's only until Stripe has forgotten them.
erasure: Final = sa.Table(
    "erasure",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    # Who: a customer, a person without an account, or somebody who no longer works here.
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id"), unique=True),
    sa.Column("correspondent_id", sa.Uuid, sa.ForeignKey("correspondent.id"), unique=True),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), unique=True),
    sa.Column("request_id", sa.Uuid),
    sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
    # When nothing was in the way any more: the key is destroyed.
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("stripe_customer_id", sa.Text),
    sa.Column("at_stripe_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("num_nonnulls(customer_id, correspondent_id, staff_id) = 1", name="erasure_one_person"),
    sa.Index("ix_erasure_open", "begun_at", postgresql_where=sa.text("ended_at IS NULL")),
)

# What an erasure waits or waited for: an order, a dispute, a refund, or a hold.
erasure_wait: Final = sa.Table(
    "erasure_wait",
    metadata,
    sa.Column("erasure_id", sa.Uuid, sa.ForeignKey("erasure.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject_id", sa.Uuid, primary_key=True),
    sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expected_until", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint(
        "kind IN ('open_order', 'open_dispute', 'refund_under_way', 'legal_hold')", name="erasure_wait_kind_known"
    ),
)

# Somebody's details that must not go, whatever they ask and whatever a rule says (E70).
legal_hold: Final = sa.Table(
    "legal_hold",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id"), nullable=False),
    # Which obligation: a code or the number of a case, no words about anybody.
    sa.Column("ground", sa.Text, nullable=False),
    sa.Column("placed_by", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
    # When somebody looks again whether it is still needed.
    sa.Column("review_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("lifted_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("ground ~ '^[A-Za-z0-9_.:/-]{1,60}$'", name="legal_hold_ground_is_a_code"),
    sa.Index("legal_hold_one", "customer_id", "ground", unique=True, postgresql_where=sa.text("lifted_at IS NULL")),
)

# What each rule of retention removed and what holds kept from it, run by run.
retention_run: Final = sa.Table(
    "retention_run",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("gone", sa.Integer, nullable=False),
    sa.Column("held", sa.Integer, nullable=False),
    sa.Index("ix_retention_run_last", "rule", sa.text("ran_at DESC")),
)
