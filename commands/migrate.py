"""`./kale migrate`."""

import sys


def migrate() -> None:
    """Bring the database to the present schema: roles, migrations, grants, vault, policy. Safe to repeat."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.errors import MustNotStart  # noqa: PLC0415
    from kalecart.master_keys import FileKeyProvider  # noqa: PLC0415
    from kalecart.migrate import migrate_now  # noqa: PLC0415
    from kalecart.settings import MigrationSettings  # noqa: PLC0415

    settings = MigrationSettings()
    owner_url = settings.owner_database_url.get_secret_value()
    try:
        migrate_now(owner_url, passwords=settings.passwords, provider=FileKeyProvider(settings.master_key_file))
    except MustNotStart as sentence:
        sys.exit(f"kale: {sentence}")
    asyncio.run(_publish(owner_url))
    print("migrated")


async def _publish(owner_url: str) -> None:
    """A new release may bring a new version of the policy, and nobody can sign up without one."""
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.database import Database  # noqa: PLC0415
    from kalecart.policy.publish import publish_policy  # noqa: PLC0415

    db = Database(owner_url, pool_size_max=1, application="kalecart migrate")
    try:
        await publish_policy(db=db, clock=SystemClock())
    finally:
        await db.close()
