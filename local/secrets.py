"""Passwords and keys of this copy of the shop: made once, kept in files that only their owner reads."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.program import CannotStart

OWNER_ROLE: Final = "owner"
PROCESS_ROLES: Final = ("web", "worker", "privacy", "analytics", "scheduler", "doctor")
PREFIXES: Final = {
    "stripe_secret": "sk_test_kalecart",
    "stripe_publishable": "pk_test_kalecart",
    "stripe_webhook": "whsec_",
}
MASTER_KEY_BYTES: Final = 32


@dataclass(frozen=True, kw_only=True, repr=False)
class Secrets:
    """`words` by name; without a `repr`, so that no traceback and no log can show one."""

    words: Mapping[str, str]
    master_key_file: Path

    def password(self, role: str) -> str:
        return self.words[f"postgres_{role}"]

    @property
    def valkey(self) -> str:
        return self.words["valkey"]

    @property
    def stripe_secret(self) -> str:
        return self.words["stripe_secret"]

    @property
    def stripe_publishable(self) -> str:
        return self.words["stripe_publishable"]

    @property
    def stripe_webhook(self) -> str:
        return self.words["stripe_webhook"]


def names() -> tuple[str, ...]:
    return (*(f"postgres_{role}" for role in (OWNER_ROLE, *PROCESS_ROLES)), "valkey", *PREFIXES)


def open_secrets(folder: Path, *, data_exists: bool) -> Secrets:
    """Those in the folder. What is missing is made, unless there is data already that only the lost one would open."""
    folder.mkdir(mode=0o700, exist_ok=True)
    words_file, key_file = folder / "passwords.json", folder / "master.key"
    if data_exists and not (words_file.exists() and key_file.exists()):
        raise CannotStart(
            f"there is data but {folder} lacks the keys to it; put the files back, or begin anew with --fresh."
        )
    known = json.loads(words_file.read_text()) if words_file.exists() else {}
    missing = {name: PREFIXES.get(name, "") + secrets.token_hex(24) for name in names() if name not in known}
    if missing:
        _write(words_file, json.dumps(known | missing, indent=1))
    if not key_file.exists():
        _write(key_file, base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode() + "\n")
    return Secrets(words=known | missing, master_key_file=key_file)


def _write(file: Path, content: str) -> None:
    """Whole or not at all, and on the disk before anything is encrypted with it."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
