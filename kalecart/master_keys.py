"""Whoever holds the master keys: a file here, a key management service elsewhere.

There may be several at a time. New keys are wrapped by the current one; older ones still open what they wrapped until
it is rewrapped, so that the master key can be changed while the shop serves.
"""

import base64
import binascii
import contextlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

KEY_BYTES: Final = 32


class UnknownMasterKey(Exception):
    """Something is wrapped by a master key that this process does not hold. Names it by its public name."""


@dataclass(frozen=True)
class Wrapped:
    """A key under a master key, and the name of that one. Useless to whoever does not hold it."""

    key: bytes
    master_key: str


class KeyProvider(Protocol):
    """The place for an adapter to a key management service: three members, all by name.

    Wrapping and unwrapping happen in the middle of requests, so an adapter fetches its keys when it is made and wraps
    in this process, or keeps what it unwrapped; it does not call over a network each time.
    """

    @property
    def name(self) -> str:
        """The current master key: what new keys are wrapped by. Stored beside what it wraps."""
        ...

    def wrap(self, key: bytes) -> Wrapped: ...

    def unwrap(self, wrapped: Wrapped) -> bytes:
        """Raises UnknownMasterKey."""
        ...


class FileKeyProvider:
    """Master keys of 32 random bytes each, base64, a line each, in a file only the shop's processes may read.

    The first line is the current one. A changed file is read again when something is to be wrapped, or was wrapped by
    a key of unknown name: so processes learn of a new key without being started again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = _mark(path)
        self._ring = read_ring(path)

    @property
    def name(self) -> str:
        return next(iter(self._ring))

    @property
    def names(self) -> tuple[str, ...]:
        """All it holds, the current one first."""
        return tuple(self._ring)

    def wrap(self, key: bytes) -> Wrapped:
        self.look_again()
        name, master_key = next(iter(self._ring.items()))
        return Wrapped(aes_key_wrap(master_key, key), name)

    def unwrap(self, wrapped: Wrapped) -> bytes:
        if wrapped.master_key not in self._ring:
            self.look_again()
        master_key = self._ring.get(wrapped.master_key)
        if master_key is None:
            raise UnknownMasterKey(wrapped.master_key)
        return aes_key_unwrap(master_key, wrapped.key)

    def look_again(self) -> None:
        """Read the file if it changed; one that cannot be read now changes nothing."""
        with contextlib.suppress(OSError, ValueError):
            mark = _mark(self._path)
            if mark != self._read:
                self._ring = read_ring(self._path)
                self._read = mark


def read_ring(path: Path) -> Mapping[str, bytes]:
    """The keys of a file by their names, the current one first. Raises ValueError where a line is none."""
    lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    if not lines:
        raise ValueError(f"{path} holds no master key")
    return {name_of(key): key for key in (_key(line, path) for line in lines)}


def add_current(path: Path, key: bytes) -> str:
    """Put a new current key above the others; its name. The file is the old one or the new one, never half of it."""
    lines = [base64.b64encode(key).decode(), *_lines(path)]
    _write(path, lines)
    return name_of(key)


def drop(path: Path, names: frozenset[str]) -> None:
    """Forget keys that nothing is wrapped by. The current one always stays."""
    current, *older = _lines(path)
    _write(path, [current, *(line for line in older if name_of(_key(line, path)) not in names)])


def name_of(key: bytes) -> str:
    """What a key may be called in the open: nothing leads from it back to the key."""
    return "file:" + hmac.digest(key, b"name", "sha256").hex()[:12]


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text().splitlines() if line.strip()]


def _key(line: str, path: Path) -> bytes:
    try:
        key = base64.b64decode(line, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"{path} must hold {KEY_BYTES} bytes in base64 on each line")
    return key


def _mark(path: Path) -> tuple[int, int, int]:
    """What changes when the file does."""
    found = path.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size


def _write(path: Path, lines: list[str]) -> None:
    """Aside and over it, on the disk before anything is wrapped by a new key; as readable as it was and no more."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    owner = path.stat()
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write("\n".join(lines) + "\n")
        os.fchmod(handle, owner.st_mode & 0o777)
        if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(handle, owner.st_uid, owner.st_gid)
        out.flush()
        os.fsync(handle)
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
