"""The whole environment of a process that runs here: what it needs to know, as the role it is, and nothing else."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.folder import Folder
from local.ports import HOST
from local.postgres import DATABASE
from local.program import ROOT, CannotStart
from local.secrets import OWNER_ROLE, PROCESS_ROLES, Secrets, open_secrets

FROM_THE_CALLER: Final = ("PATH", "LANG", "HOME")
# Together fewer than the server's `max_connections`: web, two workers, those for privacy and for counting, and the
# scheduler, with room for a person.
POOL_SIZES: Final = {OWNER_ROLE: 4, "web": 12, "worker": 8, "privacy": 4, "analytics": 2, "scheduler": 4, "doctor": 2}
# Who counts is told where the two stores are, and no key to anything.
GROUNDED: Final = frozenset({"analytics"})
# Where letters go; without a mail server they are kept and shown to staff.
MAIL: Final = ("KALE_SMTP_URL", "KALE_MAIL_FROM")
# Where messages to the shop are read.
INBOUND: Final = ("KALE_INBOUND_MAIL_URL", "KALE_COMPLAINTS_ADDRESS", "KALE_MAIL_FROM")
STRIPE_KEYS: Final = ("KALE_STRIPE_SECRET_KEY", "KALE_STRIPE_PUBLISHABLE_KEY", "KALE_STRIPE_WEBHOOK_SECRET")


def environment_of(data_dir: Path, role: str) -> dict[str, str]:
    """For a command beside a shop of `./kale up`; `role` is the owner's or that of a process."""
    folder = Folder(path=data_dir.expanduser().absolute())
    ports = folder.ports()
    if not ports or not folder.secrets.exists():
        raise CannotStart(f"there is no shop in {folder.path}; ./kale up makes one.")
    secrets = open_secrets(folder.secrets, data_exists=folder.data_exists())
    told = environment(secrets, ports, role, stripe=stripe_of(caller()))
    return told | {"KALE_ANCHOR_FILE": str(folder.anchors)}


def configured_environment() -> dict[str, str]:
    """The caller's own, where it names a database, as in a deployment; otherwise nothing."""
    return dict(caller()) if caller().get("KALE_DATABASE_URL") else {}


def caller() -> Mapping[str, str]:
    """The environment we were called with. `local` builds those of others; they are handed down from here."""
    return os.environ  # the one place in this package


def environment(secrets: Secrets, ports: Mapping[str, int], role: str, *, stripe: Mapping[str, str]) -> dict[str, str]:
    """`stripe` holds the keys of a real test account, or nothing where the stand-in is used."""
    if role not in (OWNER_ROLE, *PROCESS_ROLES):
        raise ValueError(role)
    ground = {
        "KALE_DATABASE_URL": database_url(secrets, ports, role),
        "KALE_VALKEY_URL": f"redis://:{secrets.valkey}@{HOST}:{ports['valkey']}/0",
        "KALE_DEMO": "true",
        "KALE_POOL_SIZE_MAX": str(POOL_SIZES[role]),
    }
    if role in GROUNDED:
        return plain() | ground
    shop = ground | {
        "KALE_PUBLIC_URL": f"http://{HOST}:{ports['web']}",
        "KALE_WEB_HOST": HOST,
        "KALE_WEB_PORT": str(ports["web"]),
        "KALE_MASTER_KEY_FILE": str(secrets.master_key_file),
        "KALE_TOMBSTONE_FILE": str(Folder(path=secrets.master_key_file.parents[1]).tombstones),
        "KALE_STAFF_SECOND_FACTOR": "offered",
        "KALE_PICTURES_DIR": str(ROOT / "local" / "shop" / "pictures"),
    }
    owner = _of_the_owner(secrets, ports) if role == OWNER_ROLE else {}
    mail = _mail(Folder(path=secrets.master_key_file.parents[1]), role)
    return plain() | mail | shop | (dict(stripe) or _of_the_stand_in(secrets, ports)) | owner


def _mail(folder: Folder, role: str) -> dict[str, str]:
    """Workers send, the web says whether they do, and the one for privacy reads: a folder here, unless the caller has
    a mailbox."""
    if role in {"worker", "web"}:
        return mail_of(caller())
    if role != "privacy":
        return {}
    given = {name: caller()[name] for name in INBOUND if caller().get(name)}
    read = {"KALE_INBOUND_MAIL_URL": folder.inbound.as_uri(), "KALE_MAIL_FROM": "KaleCart <receipts@shop.example>"}
    return read | given


def mail_of(caller: Mapping[str, str]) -> dict[str, str]:
    """The caller's mail server, and who its letters are from: both or none."""
    given = {name: caller[name] for name in MAIL if caller.get(name)}
    if missing := [name for name in MAIL if given and name not in given]:
        raise CannotStart(f"to send letters the environment also needs {missing[0]}.")
    return given


def plain() -> dict[str, str]:
    """What every process gets."""
    kept = {name: caller()[name] for name in FROM_THE_CALLER if name in caller()}
    # A log line that is still in a buffer when its process is killed was written for nobody. And glibc gives every
    # thread a heap of its own, which for a worker of many threads is most of its memory.
    return {"LANG": "C.UTF-8"} | kept | {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


def database_url(secrets: Secrets, ports: Mapping[str, int], role: str) -> str:
    return f"postgresql+asyncpg://kale_{role}:{secrets.password(role)}@{HOST}:{ports['postgres']}/{DATABASE}"


def stripe_of(caller: Mapping[str, str]) -> dict[str, str]:
    """Keys of a real test account, when the caller's environment has them: all or none."""
    given = {name: caller[name] for name in STRIPE_KEYS if caller.get(name)}
    if not given:
        return {}
    if missing := [name for name in STRIPE_KEYS if name not in given]:
        raise CannotStart(f"for Stripe itself the environment also needs {' and '.join(missing)}.")
    if not given["KALE_STRIPE_SECRET_KEY"].startswith(("sk_test_", "rk_test_")):
        raise CannotStart("./kale up is a demonstration and takes Stripe's test keys only (sk_test_…).")
    return given


def _of_the_stand_in(secrets: Secrets, ports: Mapping[str, int]) -> dict[str, str]:
    base = f"http://{HOST}:{ports['stripesim']}"
    return {
        "KALE_STRIPE_SECRET_KEY": secrets.stripe_secret,
        "KALE_STRIPE_PUBLISHABLE_KEY": secrets.stripe_publishable,
        "KALE_STRIPE_WEBHOOK_SECRET": secrets.stripe_webhook,
        "KALE_STRIPE_API_BASE": base,
        "KALE_STRIPE_JS_URL": f"{base}/v3/stripe.js",
    }


def _of_the_owner(secrets: Secrets, ports: Mapping[str, int]) -> dict[str, str]:
    """Whoever migrates also gives the other roles their passwords."""
    passwords = {f"KALE_{role.upper()}_DATABASE_PASSWORD": secrets.password(role) for role in PROCESS_ROLES}
    return {"KALE_OWNER_DATABASE_URL": database_url(secrets, ports, OWNER_ROLE)} | passwords
