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
    # The one field that was refused, where it was not the purpose as a whole.
    sa.Column("field", sa.Text),
    # Given although the browser said that it asks for no such thing (Sec-GPC): a choice of the person's own.
    sa.Column("despite_signal", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint(
        "purpose IN ('payment_and_delivery', 'improve_service', 'additional_information', 'news_by_email')",
        name="consent_purpose_declared",
    ),
    sa.CheckConstraint("decision IN ('given', 'withdrawn')", name="consent_decision_known"),
    sa.CheckConstraint(
        "source IN ('sign_up', 'account_page', 'notice_page', 'staff_paper', 'gpc')", name="consent_source_lawful"
    ),
    sa.CheckConstraint("source <> 'gpc' OR decision = 'withdrawn'", name="consent_signal_only_withdraws"),
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

# Delivery that ends on a day the person was told of, and why; lifted when they agree again (C5).
# `customer.delivery_ends_at` is the date of the one that stands: placing an order reads it there.
suspension: Final = sa.Table(
    "suspension",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("field", sa.Text),
    sa.Column("words_sha256", sa.LargeBinary, nullable=False),
    sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("lifted_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("effective_at > told_at", name="suspension_told_before_it_takes_effect"),
    sa.CheckConstraint("lifted_at >= told_at", name="suspension_lifted_after_it_was_told"),
    sa.ForeignKeyConstraint(["words_sha256"], ["consent_words.sha256"], name="suspension_words_known"),
    sa.Index("suspension_one_at_a_time", "customer_id", unique=True, postgresql_where=sa.text("lifted_at IS NULL")),
)

# Under what number a person is counted, for one purpose and one period, as long as they agree: a random one each time.
# It goes the moment they take consent back, and whatever was counted under it goes with it (E45).
pseudonym: Final = sa.Table(
    "pseudonym",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.Uuid, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("purpose IN ('improve_service', 'additional_information')", name="pseudonym_purpose_counted"),
    sa.CheckConstraint("period ~ '^([0-9]{4}-Q[1-4]|survey:[0-9a-f-]{36})$'", name="pseudonym_period_named"),
    sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="pseudonym_customer_known"),
    sa.UniqueConstraint("customer_id", "purpose", "period", name="pseudonym_once"),
)
