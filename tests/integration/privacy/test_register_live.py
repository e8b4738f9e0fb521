"""The register against PostgreSQL's own catalogue: what nobody classified is named, and so is what is no more (E71)."""

import sqlalchemy as sa

from kalecart.controls import runs_of
from kalecart.database import Database
from kalecart.grants import PRIVACY
from kalecart.privacy.examine import examine
from kalecart.privacy.prove_register import prove_register
from kalecart.privacy.register import PEOPLE, REGISTER, about
from kalecart.privacy.register.entry import AsItIs, WithheldWhile
from kalecart.privacy.subject import Part
from tests.clock import FakeClock
from tests.people import Door
from tests.server import Clone


async def test_every_column_of_the_database_is_classified_and_no_entry_is_stale(db: Database) -> None:
    async with db.snapshot() as tx:
        assert await examine(tx) == []


async def test_a_column_a_table_or_a_view_that_somebody_adds_is_named(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute(sa.text("ALTER TABLE customer ADD COLUMN shoe_size int"))
        await tx.execute(sa.text("CREATE TABLE birthday (person uuid, day date)"))
        await tx.execute(sa.text("CREATE VIEW vault.everybody AS SELECT id FROM customer"))
        await tx.execute(sa.text("ALTER TABLE alert DROP COLUMN resolved_at"))
        found = {gap.where: gap.what for gap in await examine(tx)}
        await tx.rollback()

    assert found == {
        "birthday.day": "column nobody has classified",
        "birthday.person": "column nobody has classified",
        "customer.shoe_size": "column nobody has classified",
        "vault.everybody.id": "column nobody has classified",
        "alert.resolved_at": "entry of a column that is no more",
    }


async def test_a_json_key_nobody_classified_is_named_and_its_value_is_not(door: Door) -> None:
    insert = """
        INSERT INTO cart (id, token_hash, lines, created_at, expires_at)
        VALUES (gen_random_uuid(), '\\x01', CAST(:lines AS jsonb), now(), now())
    """
    lines = '{"kale": {"quantity": 1, "price_cents": 199, "note": {"for": "Zephyrine"}}}'
    async with door.db.transaction() as tx:
        assert await examine(tx) == []
        await tx.execute(sa.text(insert), {"lines": lines})
        found = [gap.where for gap in await examine(tx)]

    assert found == ["cart.lines: kale.note", "cart.lines: kale.note.for"]


async def test_the_workers_prove_once_a_day_that_all_is_known_and_the_run_is_on_record(
    clone: Clone, db: Database, clock: FakeClock
) -> None:
    worker = Database(clone.url(PRIVACY), pool_size_max=1, application="test")
    try:
        known = await prove_register(None, db=worker, clock=clock)
        async with db.transaction() as tx:
            await tx.execute(sa.text("ALTER TABLE customer ADD COLUMN shoe_size int"))
        clock.advance(days=1)
        strange = await prove_register(None, db=worker, clock=clock)
    finally:
        await worker.close()

    assert ([gap.where for gap in known], [gap.where for gap in strange]) == ([], ["customer.shoe_size"])
    async with db.snapshot() as tx:
        assert [run.passed for run in await runs_of(tx, "register", limit=9)] == [False, True]


async def test_every_way_to_a_person_is_sql_the_database_runs(db: Database) -> None:
    person = {"person": "00000000-0000-7000-8000-000000000000"}
    async with db.snapshot() as tx:
        for table in REGISTER.values():
            for whose in {about(table, kind, part) for kind in PEOPLE for part in Part} - {None}:
                asked = sa.text(f"SELECT count(*) FROM {table.name} WHERE {whose}")
                bound = asked.bindparams(sa.bindparam("person", type_=sa.Uuid(as_uuid=False)))
                assert await tx.scalar(bound, person) == 0


# Text that no constraint holds to anything: codes and names of ours and of Stripe's. Nobody types into them.
NOT_TYPED = frozenset(
    [
        "attempt.decline_code",
        "attempt.stripe_charge_id",
        "audit_entry.act",
        "complaint.number",
        "consent.field",
        "customer.stripe_customer_id",
        "customer_order.number",
        "dispute.reason",
        "dispute.status",
        "dispute.stripe_id",
        "erasure.stripe_customer_id",
        "habit.sku",
        "ledger_entry.stripe_id",
        "mail.code",
        "mail.kind",
        "mandate.stripe_id",
        "order_event.kind",
        "order_line.name",
        "order_line.sku",
        "paper_item.number",
        "payment_intent.stripe_id",
        "payment_method.funding",
        "payment_method.stripe_id",
        "privacy_request.proof",
        "privacy_stage.stage",
        "refund.failure_code",
        "refund.stripe_id",
        "refund_line.sku",
        "staff_view.purpose",
        "suspension.field",
    ]
)


async def test_no_column_that_is_shown_takes_free_text_in_which_somebody_else_could_be_named(db: Database) -> None:
    """E51, E52: there is no note to a courier or to an order, and what staff give as a reason is a code."""
    held = sa.text("""
        SELECT relation.relname AS "table", attribute.attname AS "column"
          FROM pg_attribute AS attribute JOIN pg_class AS relation ON relation.oid = attribute.attrelid
         WHERE relation.relnamespace = 'public'::regnamespace AND relation.relkind = 'r' AND attribute.attnum > 0
           AND attribute.atttypid = 'text'::regtype AND NOT EXISTS (
               SELECT FROM pg_constraint AS held WHERE held.conrelid = relation.oid AND held.contype IN ('c', 'f')
                  AND attribute.attnum = ANY (held.conkey))
    """)
    async with db.snapshot() as tx:
        free = [(row.table, row.column) for row in await tx.execute(held)]
    shown = {
        f"{table}.{column}"
        for table, column in free
        if isinstance(getattr(REGISTER[table].columns[column], "disclose", None), AsItIs | WithheldWhile)
    }

    assert shown == NOT_TYPED
