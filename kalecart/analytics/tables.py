"""Analytics: what was bought under pseudonyms, the budgets of what may be told about it, and what was told."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BIT, JSONB

from kalecart.tables import metadata

# The days of the shop's calendar, and which of them are counted.
counted_day: Final = sa.Table(
    "counted_day",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("quarter", sa.Text, nullable=False),
    sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("counted_at", sa.DateTime(timezone=True)),
    # Nobody reads an hour's orders by calling it a day.
    sa.CheckConstraint(
        "ends_at - starts_at BETWEEN interval '23 hours' AND interval '25 hours'", name="counted_day_is_a_day"
    ),
    sa.CheckConstraint("quarter ~ '^[0-9]{4}-Q[1-4]$'", name="counted_day_quarter_named"),
)

# What was on sale in a quarter, under the name it had first: what shares are released of is public, and not found in
# what people bought. A product that is renamed or taken off the shelves stays (E74).
counted_product: Final = sa.Table(
    "counted_product",
    metadata,
    sa.Column("quarter", sa.Text, primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("aisle", sa.Text, nullable=False),
    sa.CheckConstraint("quarter ~ '^[0-9]{4}-Q[1-4]$'", name="counted_product_quarter_named"),
    sa.ForeignKeyConstraint(["sku"], ["product.sku"], name="counted_product_known"),
)

# What somebody bought in a quarter, each product once. `days` has a bit for each day of the quarter on which they did.
# `draw` puts a person's products in an order by chance, always the same: 64 bits of SHA-256 over pseudonym and sku.
habit: Final = sa.Table(
    "habit",
    metadata,
    sa.Column("pseudonym", sa.Uuid, primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("quarter", sa.Text, nullable=False),
    sa.Column("draw", sa.BigInteger, nullable=False),
    sa.Column("days", BIT(92), nullable=False),
    sa.CheckConstraint("quarter ~ '^[0-9]{4}-Q[1-4]$'", name="habit_quarter_named"),
    sa.ForeignKeyConstraint(["pseudonym"], ["pseudonym.id"], name="habit_pseudonym_known", ondelete="CASCADE"),
    sa.Index("ix_habit_quarter", "quarter", "pseudonym", "draw", postgresql_include=["sku"]),
    postgresql_with={"fillfactor": "80"},
)

# A part of a year's budget, reserved for one kind of release in one period. Millionths of rho (zero-concentrated
# differential privacy), whole numbers, so that sums are exact. How much each may hold is written here once more than in
# the code: no log-in can make a larger one, or a second one for the same period. Budgets of surveys that were opened
# before there was one for breadth hold more than is taken out of them.
envelope: Final = sa.Table(
    "envelope",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("cap_microrho", sa.Integer, nullable=False),
    sa.Column("spent_microrho", sa.Integer, nullable=False, server_default="0"),
    sa.Column("renews_on", sa.Date, nullable=False),
    sa.CheckConstraint("cap_microrho > 0", name="envelope_holds_something"),
    sa.CheckConstraint("id = kind || ':' || period", name="envelope_one_for_a_period"),
    sa.CheckConstraint(
        "period ~ CASE kind WHEN 'question' THEN '^[0-9]{4}$' ELSE '^[0-9]{4}-Q[1-4]$' END",
        name="envelope_period_named",
    ),
    sa.CheckConstraint(
        "cap_microrho <= CASE kind WHEN 'count' THEN 2500 WHEN 'breadth' THEN 2000 WHEN 'products' THEN 40000"
        " WHEN 'aisles' THEN 2500 WHEN 'baskets' THEN 5000"
        " WHEN 'survey' THEN CASE WHEN year <= 2027 THEN 10000 ELSE 8000 END"
        " WHEN 'question' THEN 40000 ELSE 0 END",
        name="envelope_kind_limited",
    ),
    sa.CheckConstraint("spent_microrho BETWEEN 0 AND cap_microrho", name="envelope_never_overspent"),
)

# A question that was paid for. The same question has the same key, and is paid for once: a trigger takes its price out
# of the envelope as the row is written, so that there is no question without a debit. In how many products one person
# counts is part of the question: another trigger lets in no answer that was drawn for another number.
release: Final = sa.Table(
    "release",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("question", JSONB, nullable=False),
    sa.Column("envelope_id", sa.Text, nullable=False),
    sa.Column("microrho", sa.Integer, nullable=False),
    sa.Column("delta", sa.Double, nullable=False, server_default="0"),
    sa.Column("asked_by", sa.Uuid),
    sa.Column("debited_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("code_version", sa.Text, nullable=False),
    sa.CheckConstraint("microrho > 0", name="release_costs_something"),
    sa.CheckConstraint("delta BETWEEN 0 AND 1e-6", name="release_delta_small"),
    sa.CheckConstraint(
        "kind <> 'products' OR code_version = '1'"
        " OR coalesce(question ->> 'each_max', '') IN ('20', '40', '80', '120', '160')",
        name="release_bound_known",
    ),
    sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name="release_asked_by_known"),
    sa.ForeignKeyConstraint(["envelope_id"], ["envelope.id"], name="release_envelope_known"),
    sa.Index("ix_release_debited", sa.text("debited_at DESC")),
)

# Its answer, noise and all. Rows are added and never changed, by privilege: asking again reads what is here.
release_answer: Final = sa.Table(
    "release_answer",
    metadata,
    sa.Column("key", sa.Text, sa.ForeignKey("release.key", name="release_answer_key_known"), primary_key=True),
    sa.Column("answer", JSONB, nullable=False),
    sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
)
