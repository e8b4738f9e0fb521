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
