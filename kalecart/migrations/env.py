"""Alembic's entry: runs on the connection `kalecart.migrate` hands over, inside its transaction."""

from alembic import context

from kalecart.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    compare_type=True,
    compare_server_default=False,
)
context.run_migrations()
