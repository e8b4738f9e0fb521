"""Audits, their findings, and reviews of who may do what"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    _reviews()
    _audits()
    _only_by_who_acts()
    _along_their_arrows()


def _known(table: str, column: str, of: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{of}.id"], name=op.f(f"{table}_{column}_known"))


def _reviews() -> None:
    op.create_table(
        "access_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("access_review_pk")),
        sa.UniqueConstraint("quarter", name="access_review_quarter_once"),
    )
    op.create_table(
        "access_review_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('role', 'designation')", name=op.f("access_review_line_kind_known")),
        sa.CheckConstraint(
            "what IN ('manager', 'orders', 'privacy', 'complaints', 'requests')",
            name=op.f("access_review_line_what_known"),
        ),
        sa.CheckConstraint("outcome IN ('kept', 'taken')", name=op.f("access_review_line_outcome_known")),
        sa.CheckConstraint(
            "num_nonnulls(outcome, decided_by, decided_at) IN (0, 3)", name=op.f("access_review_line_decided_whole")
        ),
        sa.CheckConstraint("decided_by <> staff_id", name=op.f("access_review_line_by_another")),
        _known("access_review_line", "decided_by", "staff"),
        _known("access_review_line", "review_id", "access_review"),
        _known("access_review_line", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("access_review_line_pk")),
        sa.UniqueConstraint("review_id", "staff_id", "kind", "what", name="access_review_line_once"),
    )
    op.create_index("ix_access_review_line_staff", "access_review_line", ["staff_id"], unique=False)


def _audits() -> None:
    op.create_table(
        "audit_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("clauses", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("auditor_id", sa.Uuid(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("months BETWEEN 1 AND 24", name=op.f("audit_plan_months_sound")),
        sa.CheckConstraint("cardinality(clauses) BETWEEN 1 AND 15", name=op.f("audit_plan_of_something")),
        _known("audit_plan", "auditor_id", "staff"),
        _known("audit_plan", "made_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_plan_pk")),
        sa.UniqueConstraint("key", name="audit_plan_key_once"),
    )
    op.create_table(
        "audit_held",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("held_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        _known("audit_held", "held_by", "staff"),
        _known("audit_held", "plan_id", "audit_plan"),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_held_pk")),
    )
    op.create_index("ix_audit_held_plan", "audit_held", ["plan_id", "held_on"], unique=False)
    op.create_table(
        "audit_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("follow_up_by", sa.Date(), nullable=False),
        sa.Column("found_by", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mended_by", sa.Uuid(), nullable=True),
        sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mended_how", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        *_of_a_finding(),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_finding_pk")),
    )
    op.create_index("ix_audit_finding_audit", "audit_finding", ["audit_id"], unique=False)


def _of_a_finding() -> list[sa.Constraint]:
    rules = {
        "severity_known": "severity IN ('minor', 'severe')",
        "state_known": "state IN ('open', 'mended', 'closed')",
        "mended_whole": "num_nonnulls(mended_by, mended_at, mended_how) = CASE state WHEN 'open' THEN 0 ELSE 3 END",
        "closed_whole": "num_nonnulls(closed_by, closed_at) = CASE state WHEN 'closed' THEN 2 ELSE 0 END",
        "four_eyes": "severity <> 'severe' OR closed_by <> mended_by",
    }
    checks = [sa.CheckConstraint(rule, name=op.f(f"audit_finding_{name}")) for name, rule in rules.items()]
    people = [_known("audit_finding", column, "staff") for column in ("found_by", "mended_by", "closed_by")]
    return [*checks, *people, _known("audit_finding", "audit_id", "audit_held")]


def _only_by_who_acts() -> None:
    """A manager, or whoever is designated for anything at that instant; both rows are locked, as for an answer."""
    op.execute(
        """
        CREATE FUNCTION require_acting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp
        AS $body$
        DECLARE
            who CONSTANT uuid := to_jsonb(NEW) ->> TG_ARGV[0];
            acted_at CONSTANT timestamptz := to_jsonb(NEW) ->> TG_ARGV[1];
            acting_as text;
        BEGIN
            IF who IS NULL THEN
                RETURN NEW;
            END IF;
            SELECT role INTO acting_as FROM public.staff
             WHERE id = who AND (left_at > acted_at) IS NOT FALSE FOR SHARE;
            IF acting_as = 'manager' THEN
                RETURN NEW;
            END IF;
            IF acting_as IS NOT NULL THEN
                PERFORM FROM public.designation
                  WHERE staff_id = who AND starts_at <= acted_at
                    AND (ends_at > acted_at) IS NOT FALSE AND (revoked_at > acted_at) IS NOT FALSE
                  FOR SHARE;
                IF FOUND THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_by_who_acts',
                MESSAGE = 'nobody acts for the manager at this instant';
        END
        $body$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION require_acting() FROM PUBLIC")
    for table, event, who, at in (
        ("access_review_line", "UPDATE OF decided_by", "decided_by", "decided_at"),
        ("audit_held", "INSERT", "held_by", "recorded_at"),
        ("audit_finding", "UPDATE OF closed_by", "closed_by", "closed_at"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_by_who_acts BEFORE {event} ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION require_acting('{who}', '{at}')"
        )


def _along_their_arrows() -> None:
    """A line is decided once. A finding begins open, is closed by way of being mended, and then stays as it is."""
    op.execute(
        """
        CREATE FUNCTION refuse_this_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
        AS $body$
        BEGIN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, MESSAGE = 'no arrow leads there';
        END
        $body$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION refuse_this_step() FROM PUBLIC")
    for name, event, table, when in (
        ("access_review_line_decided_once", "UPDATE", "access_review_line", "OLD.outcome IS NOT NULL"),
        ("audit_finding_begins_open", "INSERT", "audit_finding", "NEW.state <> 'open'"),
        (
            "audit_finding_along_its_arrows",
            "UPDATE",
            "audit_finding",
            "OLD.state = 'closed' OR (OLD.state = 'open' AND NEW.state = 'closed')",
        ),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({when})"
            " EXECUTE FUNCTION refuse_this_step()"
        )
