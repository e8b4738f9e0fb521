"""In how many products one person counts"""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    # Whoever runs the release before this one opens budgets of surveys as they were, for this year and the next.
    op.drop_constraint("envelope_kind_limited", "envelope", type_="check")
    op.create_check_constraint(
        "envelope_kind_limited",
        "envelope",
        "cap_microrho <= CASE kind WHEN 'count' THEN 2500 WHEN 'breadth' THEN 2000 WHEN 'products' THEN 40000"
        " WHEN 'aisles' THEN 2500 WHEN 'baskets' THEN 5000"
        " WHEN 'survey' THEN CASE WHEN year <= 2027 THEN 10000 ELSE 8000 END"
        " WHEN 'question' THEN 40000 ELSE 0 END",
    )
    op.create_check_constraint(
        "release_bound_known",
        "release",
        "kind <> 'products' OR code_version = '1'"
        " OR coalesce(question ->> 'each_max', '') IN ('20', '40', '80', '120', '160')",
    )
    # As the one who keeps it: whoever keeps answers reads questions.
    op.execute(
        """
        CREATE FUNCTION answer_as_bounded() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp
        AS $body$
        BEGIN
            IF EXISTS (SELECT FROM public.release
                        WHERE key = NEW.key AND question ->> 'each_max' <> coalesce(NEW.answer ->> 'each_max', '')) THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = 'release_answer',
                    CONSTRAINT = 'release_answer_as_bounded', MESSAGE = 'drawn for another bound than was paid for';
            END IF;
            RETURN NEW;
        END
        $body$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION answer_as_bounded() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER release_answer_as_bounded BEFORE INSERT ON release_answer"
        " FOR EACH ROW EXECUTE FUNCTION answer_as_bounded()"
    )
