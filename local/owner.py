"""Acting as the shop's owner from a terminal: on the shop the environment names, or on one of `./kale up`."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kalecart.database import Database
from kalecart.master_keys import FileKeyProvider
from kalecart.settings import Settings
from kalecart.vault import Vault, open_vault
from local.environment import environment_of
from local.secrets import OWNER_ROLE

PREFIX: Final = "KALE_"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """What the owner's commands work with."""

    settings: Settings
    db: Database
    vault: Vault


def owner_settings(data_dir: Path) -> Settings:
    return settings_as(OWNER_ROLE, data_dir)


def settings_as(role: str, data_dir: Path) -> Settings:
    """Those of the environment where it names a database; otherwise those of `role` in the shop in `data_dir`.

    Raises CannotStart where there is neither.
    """
    if f"{PREFIX}DATABASE_URL" in os.environ:
        return Settings()
    beside = environment_of(data_dir, role)
    return Settings(**{name.removeprefix(PREFIX).lower(): value for name, value in beside.items()})  # ty: ignore[invalid-argument-type]  # parsed by it


@asynccontextmanager
async def open_owner(settings: Settings) -> AsyncGenerator[Owner]:
    db = Database(settings.database_url.get_secret_value(), pool_size_max=2, application="kalecart owner")
    try:
        vault = await open_vault(db, FileKeyProvider(settings.master_key_file))
        yield Owner(settings=settings, db=db, vault=vault)
    finally:
        await db.close()
