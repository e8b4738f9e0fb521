"""Consent: an append-only ledger. The latest row of a person and a purpose is what holds."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

consent: Final = sa.Table(
    "consent",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.Uuid, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("policy_version", sa.Text, nullable=False),
    sa.Column("words_sha256", sa.LargeBinary, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("purpose IN ('payment_and_delivery', 'improve_service')", name="consent_purpose_declared"),
    sa.CheckConstraint("decision IN ('given', 'withdrawn')", name="consent_decision_known"),
    sa.CheckConstraint("source IN ('sign_up', 'account_page')", name="consent_source_lawful"),
    sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="consent_customer_known"),
    sa.ForeignKeyConstraint(["policy_version"], ["policy_version.version"], name="consent_policy_known"),
    sa.ForeignKeyConstraint(["words_sha256"], ["consent_words.sha256"], name="consent_words_known"),
    sa.Index("ix_consent_latest", "customer_id", "purpose", sa.text("decided_at DESC")),
)

# The exact words a person was shown, kept once for every wording.
consent_words: Final = sa.Table(
    "consent_words",
    metadata,
    sa.Column("sha256", sa.LargeBinary, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("first_shown_at", sa.DateTime(timezone=True), nullable=False),
)
