"""`./kale restore` for a shop of `./kale up`: its PostgreSQL is started for as long as it takes."""

from pathlib import Path

from kalecart.clock import SystemClock
from kalecart.master_keys import FileKeyProvider
from kalecart.settings import MigrationSettings
from kalecart.stones_file import read_stones
from local.child import Child
from local.environment import configured_environment
from local.folder import held, take_ports
from local.postgres import open_cluster
from local.program import CannotStart
from local.restore import Restored, erase_again_all, make_room, matched, restore_into
from local.secrets import OWNER_ROLE, PROCESS_ROLES, open_secrets


async def restore_here(data: Path, keys: Path, *, data_dir: Path, fresh: bool) -> Restored:
    """Into the empty database that the environment names, or into the shop in `data_dir`, which is not running."""
    if configured_environment():
        settings = MigrationSettings()
        sets = matched(
            data, keys, FileKeyProvider(settings.master_key_file), stones=read_stones(settings.tombstone_file)
        )
        url = settings.owner_database_url.get_secret_value()
        done = await restore_into(
            url, sets, passwords=settings.passwords, clock=SystemClock(), anchor_file=settings.anchor_file
        )
        await erase_again_all(url, sets, clock=SystemClock())
        return done
    with held(data_dir) as folder:
        secrets = open_secrets(folder.secrets, data_exists=folder.data_exists())
        sets = matched(data, keys, FileKeyProvider(secrets.master_key_file), stones=read_stones(folder.tombstones))
        if folder.data_exists() and not fresh:
            raise CannotStart(f"there is a shop in {folder.path} already; --fresh puts the backup in its place.")
        make_room(folder)
        ports = take_ports(folder, 0)
        cluster = await open_cluster(folder.postgres, port=ports["postgres"], password=secrets.password(OWNER_ROLE))
        server = Child(cluster.program(), folder.logs / "postgres.log")
        await server.start()
        try:
            if not await server.until_ready():
                raise CannotStart(f"PostgreSQL ended at once{server.said()}.")
            passwords = {f"kale_{role}": secrets.password(role) for role in PROCESS_ROLES}
            done = await restore_into(
                cluster.url(), sets, passwords=passwords, clock=SystemClock(), anchor_file=folder.anchors
            )
            await erase_again_all(cluster.url(), sets, clock=SystemClock())
            return done
        finally:
            await server.stop()
