from datetime import date

import pytest
import sqlalchemy as sa

from kalecart.errors import NotFound
from kalecart.policy import reads
from kalecart.policy.publish import PolicyRewritten, publish_policy
from kalecart.policy.tables import policy_version
from kalecart.policy.versions import packaged


async def test_publishing_again_adds_nothing(db, clock):
    assert await publish_policy(db=db, clock=clock) == [version.version for version in packaged()]
    assert await publish_policy(db=db, clock=clock) == []

    async with db.snapshot() as tx:
        assert await reads.published(tx) == list(reversed(packaged()))


async def test_a_published_version_that_was_edited_is_noticed(db, clock):
    await publish_policy(db=db, clock=clock)
    async with db.transaction() as tx:
        await tx.execute(sa.update(policy_version).values(text="Other words.", sha256=b"other"))

    with pytest.raises(PolicyRewritten, match="new version"):
        await publish_policy(db=db, clock=clock)


async def test_a_version_holds_from_its_day_on(db, clock):
    await publish_policy(db=db, clock=clock)

    async with db.snapshot() as tx:
        assert (await reads.current(tx, date(2026, 11, 1))).version == "2026-11-01"
        assert (await reads.version(tx, "2026-11-01")).html.startswith("<h1>")
        with pytest.raises(NotFound):
            await reads.current(tx, date(2026, 10, 31))
        with pytest.raises(NotFound):
            await reads.version(tx, "2026-10-31")
