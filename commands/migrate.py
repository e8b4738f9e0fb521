"""`./kale migrate`."""


def migrate() -> None:
    """Bring the database to the present schema: roles, migrations, grants, vault. Safe to repeat."""
    from kalecart.migrate import migrate_now  # noqa: PLC0415  # the help of all commands should not wait for it
    from kalecart.settings import MigrationSettings  # noqa: PLC0415
    from kalecart.vault import FileKeyProvider  # noqa: PLC0415

    settings = MigrationSettings()
    migrate_now(
        settings.owner_database_url.get_secret_value(),
        passwords=settings.passwords,
        provider=FileKeyProvider(settings.master_key_file),
    )
    print("migrated")
