"""The data folder of one copy of the shop: what is in it, and whether we may use it."""

import fcntl
import json
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local import processes, rootless
from local.ports import free_port, is_free
from local.program import CannotStart

FREE_BYTES_MIN: Final = 300 * 1024 * 1024
MARK: Final = "kale.lock"
INNER_PORTS: Final = ("postgres", "valkey", "stripesim")


@dataclass(frozen=True, kw_only=True)
class Folder:
    """Everything `./kale up` writes is below `path`."""

    path: Path

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def stripe_journal(self) -> Path:
        return self.path / "stripesim.jsonl"

    @property
    def anchors(self) -> Path:
        """Marks of the audit trail, outside the database that they are about."""
        return self.path / "anchors.jsonl"

    @property
    def tombstones(self) -> Path:
        return self.path / "tombstones.jsonl"

    @property
    def inbound(self) -> Path:
        """Where a message to the shop is dropped, a file each."""
        return self.path / "inbound"

    @property
    def backups(self) -> Path:
        return self.path / "backups"

    @property
    def key_backups(self) -> Path:
        return self.path / "key-backups"

    @property
    def demo(self) -> Path:
        return self.path / "demo.json"

    @property
    def ports_file(self) -> Path:
        return self.path / "ports.json"

    @property
    def running_file(self) -> Path:
        return self.path / "running.json"

    def data_exists(self) -> bool:
        return rootless.has_data(self.postgres)

    def ports(self) -> dict[str, int]:
        """Of the running copy, or of the last one that ran."""
        try:
            return json.loads(self.ports_file.read_text())
        except (FileNotFoundError, ValueError):
            return {}


def take_ports(folder: Folder, web: int) -> dict[str, int]:
    """The web's as wanted; the inner ones as last time where they are still free, so that little changes."""
    if web and not is_free(web):
        raise CannotStart(f"port {web} is in use; choose another one, as in ./kale up --port {web + 1}.")
    before = folder.ports()
    still = {name: before[name] for name in INNER_PORTS if name in before}
    kept = {name: port for name, port in still.items() if port != web and is_free(port)}
    ports = {"web": web or free_port(but=kept.values())} | kept
    for name in INNER_PORTS:
        ports[name] = ports.get(name) or free_port(but=ports.values())
    write_whole(folder.ports_file, json.dumps(ports))
    return ports


@contextmanager
def held(path: Path) -> Generator[Folder]:
    """The folder, made where it is missing, for this process alone."""
    folder = Folder(path=path.expanduser().absolute())
    try:
        _refuse_a_strangers_folder(folder.path)
        folder.path.mkdir(parents=True, exist_ok=True)
        mark = (folder.path / MARK).open("a")
        folder.logs.mkdir(exist_ok=True)
        folder.inbound.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"cannot write in the data folder {folder.path}: {error.strerror}.") from None
    with mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"another ./kale up runs on {folder.path}; stop it, or give this one its own --data-dir and --port."
            ) from None
        refuse_a_full_disk(folder.path)
        yield folder


def _refuse_a_strangers_folder(path: Path) -> None:
    if path.exists() and not (path / MARK).exists() and any(path.iterdir()):
        raise CannotStart(f"{path} is not empty and not a data folder of KaleCart; choose another --data-dir.")


def refuse_a_full_disk(path: Path, bytes_min: int = FREE_BYTES_MIN) -> None:
    """PostgreSQL stops in the middle of things when there is no room for its log."""
    free = shutil.disk_usage(path).free
    if free < bytes_min:
        raise CannotStart(
            f"the disk of {path} is nearly full: {free // 2**20} MB are free and {bytes_min // 2**20} MB needed."
        )


def empty(folder: Folder) -> None:
    """Remove what we made, by name, and nothing else that may lie there."""
    rootless.forget(folder.postgres)
    for name in ("valkey", "secrets", "logs", "inbound", "postgres.making"):
        if (folder.path / name).exists():
            shutil.rmtree(folder.path / name)
    for file in (folder.stripe_journal, folder.anchors, folder.demo, folder.ports_file, folder.tombstones):
        file.unlink(missing_ok=True)
    folder.logs.mkdir()
    folder.inbound.mkdir(mode=0o700)


def record_running(folder: Folder, running: list[processes.Running]) -> None:
    """For the next start, should this one end without stopping anybody."""
    entries = [{"name": process.name, "pid": process.pid, "born": process.born} for process in running]
    write_whole(folder.running_file, json.dumps(entries))


def recorded_running(folder: Folder) -> list[processes.Running]:
    """What an earlier start left behind and is alive still."""
    try:
        entries = [processes.Running(**entry) for entry in json.loads(folder.running_file.read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    return [process for process in entries if process.alive()]


def write_whole(file: Path, content: str) -> None:
    """All of it or, after a crash, what was there before."""
    new = file.with_name(file.name + ".new")
    with new.open("w") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
