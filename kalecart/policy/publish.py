"""Publish the policy's versions, so that consents can name the one that was shown (C4, C9)."""

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Conflict
from kalecart.policy import store
from kalecart.policy.versions import packaged


class PolicyRewritten(Conflict):
    """A published version of the policy was changed."""


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
