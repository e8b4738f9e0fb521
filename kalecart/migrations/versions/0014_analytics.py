"""Purchase habits under pseudonyms, budgets and releases"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "pseudonym",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('improve_service', 'additional_information')", name=op.f("pseudonym_purpose_counted")
        ),
        sa.CheckConstraint("period ~ '^([0-9]{4}-Q[1-4]|survey:[0-9a-f-]{36})$'", name=op.f("pseudonym_period_named")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("pseudonym_customer_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pseudonym_pk")),
        sa.UniqueConstraint("customer_id", "purpose", "period", name=op.f("pseudonym_once")),
    )
    op.create_table(
        "counted_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "ends_at - starts_at BETWEEN interval '23 hours' AND interval '25 hours'",
            name=op.f("counted_day_is_a_day"),
        ),
        sa.CheckConstraint("quarter ~ '^[0-9]{4}-Q[1-4]$'", name=op.f("counted_day_quarter_named")),
        sa.PrimaryKeyConstraint("day", name=op.f("counted_day_pk")),
    )
    op.create_table(
        "counted_product",
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aisle", sa.Text(), nullable=False),
        sa.CheckConstraint("quarter ~ '^[0-9]{4}-Q[1-4]$'", name=op.f("counted_product_quarter_named")),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("counted_product_known")),
        sa.PrimaryKeyConstraint("quarter", "sku", name=op.f("counted_product_pk")),
    )
    op.create_table(
        "habit",
        sa.Column("pseudonym", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("draw", sa.BigInteger(), nullable=False),
        sa.Column("days", postgresql.BIT(92), nullable=False),
        sa.CheckConstraint("quarter ~ '^[0-9]{4}-Q[1-4]$'", name=op.f("habit_quarter_named")),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonym.id"], name=op.f("habit_pseudonym_known"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pseudonym", "sku", name=op.f("habit_pk")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_habit_quarter", "habit", ["quarter", "pseudonym", "draw"], unique=False, postgresql_include=["sku"]
    )
    op.create_table(
        "envelope",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("cap_microrho", sa.Integer(), nullable=False),
        sa.Column("spent_microrho", sa.Integer(), server_default="0", nullable=False),
        sa.Column("renews_on", sa.Date(), nullable=False),
        sa.CheckConstraint("cap_microrho > 0", name=op.f("envelope_holds_something")),
        sa.CheckConstraint("id = kind || ':' || period", name=op.f("envelope_one_for_a_period")),
        sa.CheckConstraint(
            "period ~ CASE kind WHEN 'question' THEN '^[0-9]{4}$' ELSE '^[0-9]{4}-Q[1-4]$' END",
            name=op.f("envelope_period_named"),
        ),
        sa.CheckConstraint(
            "cap_microrho <= CASE kind WHEN 'count' THEN 2500 WHEN 'products' THEN 40000 WHEN 'aisles' THEN 2500"
            " WHEN 'baskets' THEN 5000 WHEN 'survey' THEN 10000 WHEN 'question' THEN 40000 ELSE 0 END",
            name=op.f("envelope_kind_limited"),
        ),
        sa.CheckConstraint("spent_microrho BETWEEN 0 AND cap_microrho", name=op.f("envelope_never_overspent")),
        sa.PrimaryKeyConstraint("id", name=op.f("envelope_pk")),
    )
    op.create_table(
        "release",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("question", postgresql.JSONB(), nullable=False),
        sa.Column("envelope_id", sa.Text(), nullable=False),
        sa.Column("microrho", sa.Integer(), nullable=False),
        sa.Column("delta", sa.Double(), server_default="0", nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("debited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.CheckConstraint("microrho > 0", name=op.f("release_costs_something")),
        sa.CheckConstraint("delta BETWEEN 0 AND 1e-6", name=op.f("release_delta_small")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("release_asked_by_known")),
        sa.ForeignKeyConstraint(["envelope_id"], ["envelope.id"], name=op.f("release_envelope_known")),
        sa.PrimaryKeyConstraint("key", name=op.f("release_pk")),
    )
    op.create_index("ix_release_debited", "release", [sa.text("debited_at DESC")], unique=False)
    op.execute(
        """
        CREATE FUNCTION debit_envelope() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp
        AS $body$
        BEGIN
            UPDATE public.envelope SET spent_microrho = spent_microrho + NEW.microrho WHERE id = NEW.envelope_id;
            RETURN NULL;
        END
        $body$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION debit_envelope() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER release_is_paid_for AFTER INSERT ON release FOR EACH ROW EXECUTE FUNCTION debit_envelope()"
    )
    op.create_table(
        "release_answer",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["release.key"], name=op.f("release_answer_key_known")),
        sa.PrimaryKeyConstraint("key", name=op.f("release_answer_pk")),
    )
    op.create_table(
        "figures_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("releases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("format IN ('csv', 'xlsx', 'json')", name=op.f("figures_export_format_known")),
        sa.CheckConstraint("cardinality(releases) BETWEEN 1 AND 100", name=op.f("figures_export_of_something")),
        sa.CheckConstraint("content IS NULL OR made_at IS NOT NULL", name=op.f("figures_export_made_before_it_is")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("figures_export_asked_by_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("figures_export_pk")),
    )
    op.create_index("ix_figures_export_asked", "figures_export", [sa.text("asked_at DESC")], unique=False)
    # Orders are read a day at a time; a summary of a thousand pages costs the order's path nothing.
    op.create_index(
        "ix_customer_order_paid",
        "customer_order",
        ["paid_at"],
        unique=False,
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on", "pages_per_range": "32"},
    )
    # A function, so that not even a plan tells anything about orders of those who did not agree: whoever reads the view
    # sees a call and a guess that is always the same, and no setting of theirs makes the server print what is inside.
    # From a day to its orders, and from those to the rest, by index: the planner cannot know that a day is short, and
    # would rather read years of lines.
    op.execute(
        """
        CREATE FUNCTION purchases_seen(seen_on date) RETURNS TABLE (quarter text, pseudonym uuid, sku text)
        LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER ROWS 10000 COST 10000
        SET search_path = pg_catalog, public, pg_temp
        SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
        SET debug_print_parse = off SET debug_print_rewritten = off SET debug_print_plan = off
        AS $body$
        SELECT counted_day.quarter, pseudonym.id, order_line.sku
          FROM counted_day
          JOIN customer_order ON customer_order.paid_at >= counted_day.starts_at
                             AND customer_order.paid_at < counted_day.ends_at
                             AND customer_order.status IN ('paid', 'picking', 'fulfilled')
          JOIN pseudonym ON pseudonym.customer_id = customer_order.customer_id
                        AND pseudonym.purpose = 'improve_service'
                        AND pseudonym.period = counted_day.quarter
          JOIN order_line ON order_line.order_id = customer_order.id
         WHERE counted_day.day = seen_on
           AND (SELECT consent.decision = 'given' AND consent.decided_at <= customer_order.placed_at
                  FROM consent
                 WHERE consent.customer_id = customer_order.customer_id AND consent.purpose = 'improve_service'
                 ORDER BY consent.decided_at DESC, consent.decision DESC
                 LIMIT 1)
        $body$
        """
    )
    op.execute(
        """
        CREATE VIEW purchase_seen WITH (security_barrier) AS
        SELECT counted_day.day, seen.quarter, seen.pseudonym, seen.sku
          FROM counted_day CROSS JOIN LATERAL purchases_seen(counted_day.day) AS seen
        """
    )
    # Who counts sees the tasks of its own queue: `migrate` writes which those are (kalecart/row_grants.py).
    op.execute("ALTER TABLE task ENABLE ROW LEVEL SECURITY")
