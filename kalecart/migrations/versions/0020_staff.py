"""Designations and training of who works here"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "designation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scope IN ('complaints', 'requests')", name=op.f("designation_scope_known")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("designation_ends_after_start")),
        sa.CheckConstraint("staff_id <> made_by", name=op.f("designation_by_another")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("designation_made_by_known")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("designation_staff_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("designation_pk")),
    )
    op.create_index("ix_designation_staff", "designation", ["staff_id", "scope"], unique=False)
    # Complaints about the manager that wait for somebody to be designated: hardly ever one, found at once.
    op.create_index(
        "ix_complaint_nobody",
        "complaint",
        ["id"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NULL AND handler_id IS NULL AND against IS NOT NULL"),
    )
    # Until now the role said it all: whoever has it is designated since they joined.
    op.execute(
        """
        INSERT INTO designation (id, staff_id, scope, starts_at, made_at)
        SELECT gen_random_uuid(), staff.id, scope, staff.joined_at, now()
          FROM staff CROSS JOIN unnest(ARRAY['complaints', 'requests']) AS scope
         WHERE staff.role = 'privacy'
        """
    )
    _only_by_who_is_designated()
    op.create_table(
        "training",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("training_recorded_by_known")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("training_staff_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("training_pk")),
    )
    op.create_index("ix_training_staff", "training", ["staff_id", "expires_at"], unique=False)


def _only_by_who_is_designated() -> None:
    """Both rows are locked, so that whoever leaves or is revoked at this moment did so before or after it."""
    op.execute(
        """
        CREATE FUNCTION require_designated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp
        AS $body$
        DECLARE
            who CONSTANT uuid := to_jsonb(NEW) ->> TG_ARGV[1];
            acted_at CONSTANT timestamptz := to_jsonb(NEW) ->> TG_ARGV[2];
            acting_as text;
        BEGIN
            SELECT role INTO acting_as FROM public.staff
             WHERE id = who AND (left_at > acted_at) IS NOT FALSE FOR SHARE;
            IF acting_as = 'manager' THEN
                RETURN NEW;
            END IF;
            IF acting_as IS NOT NULL THEN
                PERFORM FROM public.designation
                  WHERE staff_id = who AND scope = TG_ARGV[0] AND starts_at <= acted_at
                    AND (ends_at > acted_at) IS NOT FALSE AND (revoked_at > acted_at) IS NOT FALSE
                  FOR SHARE;
                IF FOUND THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_by_designated',
                MESSAGE = 'nobody is designated for this at this instant';
        END
        $body$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION require_designated() FROM PUBLIC")
    for table, who, at in (("complaint_answer", "signed_by", "signed_at"), ("complaint_assignment", "staff_id", "at")):
        op.execute(
            f"CREATE TRIGGER {table}_by_designated BEFORE INSERT ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION require_designated('complaints', '{who}', '{at}')"
        )
