from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from kalecart.migrate import head
from kalecart.schema import metadata
from tests.server import Clone


async def test_the_migrations_build_exactly_the_tables_the_code_declares(clone: Clone) -> None:
    engine = create_async_engine(clone.url())

    def differences(connection: object) -> list[object]:
        context = MigrationContext.configure(connection, opts={"include_schemas": True, "compare_type": True})  # ty: ignore[invalid-argument-type]
        assert context.get_current_revision() == head()
        return compare_metadata(context, metadata)

    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []
