from datetime import date

import pytest
import sqlalchemy as sa

from kalecart.errors import NotFound
from kalecart.policy import reads
from kalecart.policy.publish import PolicyIncomplete, PolicyPast, PolicyRewritten, publish_policy, publish_text
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
        one = policy_version.c.version == "2026-11-01"
        await tx.execute(sa.update(policy_version).where(one).values(text="Other words.", sha256=b"other"))

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


async def test_a_version_is_published_from_a_text_and_the_present_one_holds_until_its_day(db, clock):
    await publish_policy(db=db, clock=clock)
    text = packaged()[-1].text + "\nOne more word.\n"

    version = await publish_text(text, effective_on=date(2027, 1, 1), db=db, clock=clock)

    async with db.snapshot() as tx:
        assert (await reads.current(tx, date(2026, 12, 31))).version == "2026-12-01"
        assert (await reads.current(tx, date(2027, 1, 1))).text == text
    for again, day in ((text, date(2027, 1, 2)), (text + "Other.", date(2027, 1, 1))):
        with pytest.raises(PolicyRewritten):
            await publish_text(again, effective_on=day, db=db, clock=clock)
    assert version.version == "2027-01-01"


async def test_a_text_that_lacks_a_clause_or_a_day_that_is_past_is_refused(db, clock):
    whole = packaged()[-1].text

    with pytest.raises(PolicyIncomplete, match="C13"):
        await publish_text(whole.replace("## C13 ", "## 13 "), effective_on=date(2027, 1, 1), db=db, clock=clock)
    with pytest.raises(PolicyIncomplete, match=r"ryan@kalecart\.com"):
        await publish_text(whole.replace("ryan@", "someone@"), effective_on=date(2027, 1, 1), db=db, clock=clock)
    with pytest.raises(PolicyPast):
        await publish_text(whole, effective_on=date(2026, 11, 1), db=db, clock=clock)
