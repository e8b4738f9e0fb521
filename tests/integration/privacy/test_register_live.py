"""The register against PostgreSQL's own catalogue: what nobody classified is named, and so is what is no more (E71)."""

import sqlalchemy as sa

from kalecart.database import Database
from kalecart.privacy.examine import unclassified, unclassified_keys
from kalecart.privacy.register import PEOPLE, REGISTER, about
from kalecart.privacy.subject import Part
from tests.people import Door


async def test_every_column_of_the_database_is_classified_and_no_entry_is_stale(db: Database) -> None:
    async with db.snapshot() as tx:
        assert await unclassified(tx) == []


async def test_a_column_a_table_or_a_view_that_somebody_adds_is_named(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute(sa.text("ALTER TABLE customer ADD COLUMN shoe_size int"))
        await tx.execute(sa.text("CREATE TABLE birthday (person uuid, day date)"))
        await tx.execute(sa.text("CREATE VIEW vault.everybody AS SELECT id FROM customer"))
        await tx.execute(sa.text("ALTER TABLE alert DROP COLUMN resolved_at"))
        found = {gap.where: gap.what for gap in await unclassified(tx)}
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
        assert await unclassified_keys(tx) == []
        await tx.execute(sa.text(insert), {"lines": lines})
        found = [gap.where for gap in await unclassified_keys(tx)]

    assert found == ["cart.lines: kale.note", "cart.lines: kale.note.for"]


async def test_every_way_to_a_person_is_sql_the_database_runs(db: Database) -> None:
    person = {"person": "00000000-0000-7000-8000-000000000000"}
    async with db.snapshot() as tx:
        for table in REGISTER.values():
            for whose in {about(table, kind, part) for kind in PEOPLE for part in Part} - {None}:
                asked = sa.text(f"SELECT count(*) FROM {table.name} WHERE {whose}")
                bound = asked.bindparams(sa.bindparam("person", type_=sa.Uuid(as_uuid=False)))
                assert await tx.scalar(bound, person) == 0
