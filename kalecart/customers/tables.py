"""Customers: everything about a person is sealed; look-ups go through blind indexes."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

customer: Final = sa.Table(
    "customer",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("email_sealed", sa.LargeBinary, nullable=False),
    sa.Column("email_index", sa.LargeBinary, nullable=False),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    sa.Column("phone_sealed", sa.LargeBinary, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("address_id", sa.Uuid, nullable=False),
    sa.Column("stripe_customer_id", sa.Text, unique=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("signed_up_at", sa.DateTime(timezone=True), nullable=False),
    # From when nothing is delivered to them (C5); None is never.
    sa.Column("delivery_ends_at", sa.DateTime(timezone=True)),
    sa.Column("email_changed_at", sa.DateTime(timezone=True)),
    # When they last said that all of it is right (C7).
    sa.Column("details_confirmed_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("email_index", name="customer_email_once"),
    # Nothing may enter from a source that is not lawful (C4): today there is one.
    sa.CheckConstraint("source IN ('sign_up')", name="customer_source_lawful"),
    # The address belongs to this customer; deferred, because each row needs the other.
    sa.ForeignKeyConstraint(
        ["address_id", "id"],
        ["address.id", "address.customer_id"],
        name="customer_address_own",
        use_alter=True,
        deferrable=True,
        initially="DEFERRED",
    ),
)

# An address is never changed: a correction is a new row (C7), and an order keeps the one it was placed with.
address: Final = sa.Table(
    "address",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("id", "customer_id", name="address_of_customer"),
    sa.Index("ix_address_customer_id", "customer_id"),
)

session: Final = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id", ondelete="CASCADE"), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_session_customer_id", "customer_id"),
    sa.Index("ix_session_expires_at", "expires_at"),
)

# What was corrected, as it was before: sealed like the rest, so it goes with the person's key (C7).
past_detail: Final = sa.Table(
    "past_detail",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    # Who corrected it; None is the person.
    sa.Column("staff_id", sa.Uuid),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("field IN ('name', 'email', 'phone', 'address')", name="past_detail_field_known"),
    sa.CheckConstraint("why IN ('own_correction', 'correction_request')", name="past_detail_why_known"),
    sa.Index("ix_past_detail_customer", "customer_id", sa.text("changed_at DESC")),
)

# Where a correction went, and what became of it there.
correction_effect: Final = sa.Table(
    "correction_effect",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("past_detail_id", sa.Uuid, sa.ForeignKey("past_detail.id"), nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("customer_order.id")),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("place IN ('stripe', 'order')", name="correction_effect_place_known"),
    sa.CheckConstraint("(place = 'order') = (order_id IS NOT NULL)", name="correction_effect_names_its_order"),
    sa.CheckConstraint(
        "outcome IN ('applied', 'too_late', 'not_held', 'kept')", name="correction_effect_outcome_known"
    ),
    sa.Index("ix_correction_effect_past_detail_id", "past_detail_id"),
)

# "Is this still right?": why it was asked, and what the person answered.
detail_check: Final = sa.Table(
    "detail_check",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("answered_at", sa.DateTime(timezone=True)),
    sa.Column("answer", sa.Text),
    sa.CheckConstraint(
        "why IN ('mail_failed', 'delivery_failed', 'yearly', 'own_accord')", name="detail_check_why_known"
    ),
    sa.CheckConstraint("answer IN ('still_right', 'corrected')", name="detail_check_answer_known"),
    sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="detail_check_answer_has_its_time"),
    sa.Index(
        "detail_check_open_once", "customer_id", "why", unique=True, postgresql_where=sa.text("answered_at IS NULL")
    ),
)
