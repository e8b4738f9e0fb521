"""Publish versions of the policy, so that consents can name the one that was shown (C4, C9)."""

import re
from datetime import date
from typing import Final

from kalecart.clock import Clock, shop_date
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Conflict, Refused
from kalecart.policy import store
from kalecart.policy.contact import CONTACT
from kalecart.policy.versions import PolicyVersion, packaged

TEXT_CHARACTERS_MAX: Final = 100_000
CLAUSES: Final = 15


class PolicyRewritten(Conflict):
    """A published version of the policy was changed."""


class PolicyIncomplete(Refused):
    """This text cannot be the policy."""


class PolicyPast(Refused):
    """A policy holds from its day on, and never from a day that is past."""


async def publish_policy(*, db: Database, clock: Clock) -> list[str]:
    """Add the packaged versions that are not there yet, and return their names; doing it again adds nothing.

    Raises PolicyRewritten where a published version's file was edited: people agreed to what it said.
    """
    now = clock.now()
    added = []
    async with db.transaction() as tx:
        for version in packaged():
            if await store.add(tx, version, now=now):
                added.append(version.version)
            elif await store.sha256_of(tx, version.version) != version.sha256:
                raise PolicyRewritten("Undo the edit and write a new version instead.", version=version.version)
    return added


async def publish_text(text: str, *, effective_on: date, db: Database, clock: Clock) -> PolicyVersion:
    """Publish one more version, named by the day it takes effect; everybody is told of it within minutes.

    Raises PolicyIncomplete, PolicyPast, and PolicyRewritten where that day or these very words have a version already.
    """
    now = clock.now()
    version = PolicyVersion(version=effective_on.isoformat(), effective_on=effective_on, text=text)
    missing = _missing(text)
    if missing:
        raise PolicyIncomplete(f"It lacks {', '.join(missing)}.")
    if effective_on < shop_date(now):
        raise PolicyPast("Name today or a later day.")
    try:
        async with db.transaction() as tx:
            added = await store.add(tx, version, now=now)
    except ConstraintBroken as error:
        if error.constraint != "policy_version_sha256_once":
            raise
        added = False
    if not added:
        raise PolicyRewritten("A version is published once and never changes.", version=version.version)
    return version


def _missing(text: str) -> list[str]:
    """What every policy has: a heading of its own, each clause under its anchor, and whom to write to (C12)."""
    needed = {
        "a heading of the first order": bool(re.search(r"^# \S", text, re.MULTILINE)),
        f"a length of at most {TEXT_CHARACTERS_MAX:,} characters": len(text) <= TEXT_CHARACTERS_MAX,
    }
    for number in range(1, CLAUSES + 1):
        found = re.search(rf"^## C{number} .*\{{#c{number}\}}$", text, re.MULTILINE)
        needed[f"the heading “## C{number} · … {{#c{number}}}”"] = found is not None
    for words in (CONTACT.person, CONTACT.street, CONTACT.place, CONTACT.email):
        needed[words] = words in text
    return [what for what, there in needed.items() if not there]
