"""The register of paper, and of its shredding"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_AT = sa.DateTime(timezone=True)
_SCOPES = "'customer', 'staff', 'correspondent', 'source', 'package', 'paper'"


def upgrade() -> None:
    _cabinets()
    _papers()
    _who_is_here()
    _shredded_before_a_witness()
    # A paper that was shredded leaves a stone as well, so that a restored backup knows of it.
    op.drop_constraint("tombstone_scope_known", "tombstone", schema="vault", type_="check")
    op.create_check_constraint(op.f("tombstone_scope_known"), "tombstone", f"scope IN ({_SCOPES})", schema="vault")


def _cabinets() -> None:
    op.create_table(
        "cabinet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["staff.id"], name=op.f("cabinet_added_by_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("cabinet_pk")),
        sa.UniqueConstraint("name", name=op.f("cabinet_name_once")),
    )
    op.create_table(
        "cabinet_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cabinet_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["cabinet_id"], ["cabinet.id"], name=op.f("cabinet_key_cabinet_id_known")),
        sa.ForeignKeyConstraint(["given_by"], ["staff.id"], name=op.f("cabinet_key_given_by_known")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("cabinet_key_staff_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("cabinet_key_pk")),
    )
    op.create_index("ix_cabinet_key_cabinet", "cabinet_key", ["cabinet_id", "at"], unique=False)
    op.create_index("ix_cabinet_key_staff", "cabinet_key", ["staff_id"], unique=False)


def _papers() -> None:
    op.create_table(
        "paper_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("cabinet_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("correspondent_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("filed_at", _AT, nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("keep_until", _AT, nullable=False),
        sa.Column("shredded_at", _AT, nullable=True),
        sa.Column("shredded_by", sa.Uuid(), nullable=True),
        sa.Column("witness", sa.Uuid(), nullable=True),
        sa.Column("early", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "what IN ('complaint', 'request', 'identity', 'delivery', 'bank', 'staff', 'law', 'other')",
            name=op.f("paper_item_what_known"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(customer_id, correspondent_id, staff_id) <= 1", name=op.f("paper_item_of_one_person")
        ),
        sa.CheckConstraint(
            "keep_until >= filed_at AND keep_until <= filed_at + interval '3661 days'",
            name=op.f("paper_item_kept_not_for_good"),
        ),
        sa.CheckConstraint("shredded_at >= filed_at", name=op.f("paper_item_shredded_after_filed")),
        sa.CheckConstraint(
            "(shredded_by IS NULL) = (witness IS NULL)", name=op.f("paper_item_shredded_before_witness")
        ),
        sa.CheckConstraint("shredded_by IS NULL OR shredded_at IS NOT NULL", name=op.f("paper_item_shredded_when")),
        sa.CheckConstraint("shredded_by <> witness", name=op.f("paper_item_witness_is_another")),
        sa.CheckConstraint("early IN ('done', 'mistake', 'scanned', 'ordered')", name=op.f("paper_item_early_known")),
        sa.CheckConstraint(
            "shredded_by IS NULL OR shredded_at >= keep_until OR early IS NOT NULL", name=op.f("paper_item_not_early")
        ),
        sa.ForeignKeyConstraint(["cabinet_id"], ["cabinet.id"], name=op.f("paper_item_cabinet_id_known")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("paper_item_customer_id_known")),
        sa.ForeignKeyConstraint(
            ["correspondent_id"], ["correspondent.id"], name=op.f("paper_item_correspondent_id_known")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("paper_item_staff_id_known")),
        sa.ForeignKeyConstraint(["filed_by"], ["staff.id"], name=op.f("paper_item_filed_by_known")),
        sa.ForeignKeyConstraint(["shredded_by"], ["staff.id"], name=op.f("paper_item_shredded_by_known")),
        sa.ForeignKeyConstraint(["witness"], ["staff.id"], name=op.f("paper_item_witness_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("paper_item_pk")),
        sa.UniqueConstraint("number", name=op.f("paper_item_number_once")),
    )
    for name, column, where in (
        ("lying", "keep_until", "shredded_at IS NULL"),
        ("cabinet", "cabinet_id", "shredded_at IS NULL"),
        ("shredded", "shredded_at", "shredded_at IS NOT NULL"),
        ("customer", "customer_id", "customer_id IS NOT NULL"),
        ("correspondent", "correspondent_id", "correspondent_id IS NOT NULL"),
        ("staff", "staff_id", "staff_id IS NOT NULL"),
    ):
        op.create_index(f"ix_paper_item_{name}", "paper_item", [column], unique=False, postgresql_where=sa.text(where))


def _who_is_here() -> None:
    """Whoever leaves at this moment left before they were given a key, or after it."""
    op.execute(
        """
        CREATE FUNCTION require_key_holder_here() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp
        AS $body$
        BEGIN
            PERFORM FROM public.staff WHERE id = NEW.staff_id AND (left_at > NEW.at) IS NOT FALSE FOR SHARE;
            IF NOT FOUND THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'cabinet_key_holder_here',
                    MESSAGE = 'whoever has a key works here';
            END IF;
            RETURN NEW;
        END
        $body$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION require_key_holder_here() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER cabinet_key_holder_here BEFORE INSERT ON cabinet_key FOR EACH ROW"
        " EXECUTE FUNCTION require_key_holder_here()"
    )


def _shredded_before_a_witness() -> None:
    """The person's row is locked before the hold is looked for: one that is being placed is waited for. Without names
    a paper counts as shredded only where its stone says so."""
    op.execute(
        """
        CREATE FUNCTION require_witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp
        AS $body$
        DECLARE
            here bigint;
        BEGIN
            IF TG_OP = 'UPDATE' AND OLD.shredded_at IS NOT NULL THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_item_stays_shredded',
                    MESSAGE = 'what is shredded stays so';
            END IF;
            IF NEW.shredded_at IS NULL THEN
                RETURN NEW;
            END IF;
            IF NEW.shredded_by IS NULL THEN
                PERFORM FROM vault.tombstone WHERE person_id = NEW.id AND scope = 'paper';
                IF NOT FOUND THEN
                    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_item_by_two',
                        MESSAGE = 'nothing is shredded without a witness';
                END IF;
                RETURN NEW;
            END IF;
            PERFORM FROM public.staff
              WHERE id IN (NEW.shredded_by, NEW.witness) AND (left_at > NEW.shredded_at) IS NOT FALSE
              ORDER BY id FOR SHARE;
            GET DIAGNOSTICS here = ROW_COUNT;
            IF here <> 2 THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_item_by_two',
                    MESSAGE = 'who shreds and who sees it are two people who work here';
            END IF;
            PERFORM FROM public.customer WHERE id = NEW.customer_id FOR UPDATE;
            PERFORM FROM public.legal_hold WHERE customer_id = NEW.customer_id AND lifted_at IS NULL;
            IF FOUND THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_item_not_held',
                    MESSAGE = 'the law obliges the shop to keep it';
            END IF;
            RETURN NEW;
        END
        $body$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION require_witness() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER paper_item_by_two BEFORE INSERT OR UPDATE ON paper_item FOR EACH ROW"
        " EXECUTE FUNCTION require_witness()"
    )
