"""A backup on the disk: a folder with one file and a manifest that says what it is and how to tell whether it is whole.

There are two kinds, in two folders, and neither holds anything of the other: `data` is everything but the keys, `keys`
is the keys and the tombstones. A set is made aside and renamed: it is there whole or not at all.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from local.program import CannotStart

Kind = Literal["data", "keys"]
CONTENT: Final[Mapping[Kind, str]] = {"data": "shop.dump", "keys": "keys.jsonl"}
MANIFEST: Final = "manifest.json"
NAME: Final = "%Y%m%dT%H%M%S.%fZ"
CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Places:
    """Below which folder each kind is kept. Whoever gets both has everything the master key opens."""

    data: Path
    keys: Path

    @property
    def apart(self) -> bool:
        data, keys = self.data.resolve(), self.keys.resolve()
        return not (data.is_relative_to(keys) or keys.is_relative_to(data))


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """`shop` is the same for all sets of one shop, `counts` are rows by table, `made_at` is the snapshot's instant."""

    kind: Kind
    shop: str
    made_at: str
    revision: str
    sha256: str
    counts: Mapping[str, int]

    @property
    def instant(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


@dataclass(frozen=True, kw_only=True)
class BackupSet:
    folder: Path
    manifest: Manifest

    @property
    def content(self) -> Path:
        return self.folder / CONTENT[self.manifest.kind]


def write_set(
    to: Path, kind: Kind, fill: Callable[[Path], None], *, shop: str, made_at: datetime, revision: str, counts: Mapping
) -> BackupSet:
    """`fill` writes the one file. Everything is readable for its owner only, from its first byte on."""
    making = to / kind / f".{made_at:{NAME}}"
    shutil.rmtree(making, ignore_errors=True)
    for folder in (to, to / kind, making):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = making / CONTENT[kind]
    os.close(os.open(content, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        fill(content)
        manifest = Manifest(
            kind=kind,
            shop=shop,
            made_at=made_at.isoformat(),
            revision=revision,
            sha256=digest(content),
            counts=dict(counts),
        )
        handle = os.open(making / MANIFEST, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            json.dump(asdict(manifest), out, indent=1)
        for file in (content, making / MANIFEST, making):
            _to_disk(file)
        whole = making.with_name(making.name.removeprefix("."))
        making.rename(whole)
        _to_disk(whole.parent)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return BackupSet(folder=whole, manifest=manifest)


def read_set(folder: Path, kind: Kind) -> BackupSet:
    """Raises CannotStart where it is no such set, or not as it was written."""
    found = _described(folder)
    if found.manifest.kind != kind:
        raise CannotStart(f"{folder} holds {found.manifest.kind}, and here {kind} are wanted.")
    if not found.content.exists() or digest(found.content) != found.manifest.sha256:
        raise CannotStart(f"{folder} is damaged: its file is not the one its manifest was written for.")
    return found


def sets_in(folder: Path, kind: Kind) -> list[BackupSet]:
    """Those of one kind below a folder of backups, the oldest first. Their files are not read."""
    return [_described(each.parent) for each in sorted((folder / kind).glob(f"[0-9]*/{MANIFEST}"))]


def _described(folder: Path) -> BackupSet:
    try:
        return BackupSet(folder=folder, manifest=Manifest(**json.loads((folder / MANIFEST).read_text())))
    except FileNotFoundError:
        raise CannotStart(f"{folder} is not a backup: it has no manifest.") from None
    except (ValueError, TypeError):
        raise CannotStart(f"the manifest of {folder} cannot be read; take another backup.") from None


def remove_set(found: BackupSet) -> None:
    """The manifest last would leave keys that nobody finds: first of all it gets a name that is none of a set."""
    going = found.folder.with_name(f".gone-{found.folder.name}")
    found.folder.rename(going)
    shutil.rmtree(going)


def digest(file: Path) -> str:
    sum_ = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(CHUNK_BYTES):
            sum_.update(chunk)
    return sum_.hexdigest()


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
