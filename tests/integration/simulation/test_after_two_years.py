"""A shop that lived for longer than it keeps things is not blamed for what it has forgotten, and for the rest it is."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from kalecart.database import Database
from kalecart.ids import new_id
from kalecart.inbound.outcome import Outcome
from kalecart.paper.item import PaperId
from kalecart.privacy.retention import ON_RECORD
from simulation.letters_read import kept_wrongly
from simulation.paper_kept import papers_kept

NOW = datetime(2028, 11, 23, 12, tzinfo=UTC)


async def test_paper_that_was_shredded_long_ago_is_not_missed_and_what_was_shredded_since_is(db: Database) -> None:
    long_ago, since, lying = (PaperId(new_id()) for _ in range(3))
    shredded = {long_ago: NOW - ON_RECORD - timedelta(days=1), since: NOW - ON_RECORD + timedelta(days=1)}

    async with db.snapshot() as tx:
        _, broken = await papers_kept(tx, {long_ago, since, lying}, shredded, now=NOW)

    assert broken == ["2 papers are in no register"]


@pytest.mark.parametrize(
    ("forgetting", "broken"),
    [(True, []), (False, ["0 additions of 2 by mail and 1 on pages", "0 complaints of 4 messages"])],
)
async def test_complaints_are_fewer_than_the_messages_that_became_one_only_where_some_are_forgotten(
    db: Database, forgetting: bool, broken: list[str]
) -> None:
    became = Counter({Outcome.ADDED: 2, Outcome.COMPLAINT: 3, Outcome.AGAIN: 1})

    async with db.snapshot() as tx:
        assert await kept_wrongly(tx, became, 1, forgetting=forgetting) == broken


async def test_more_additions_than_were_ever_made_are_wrong_however_old_the_shop_is(db: Database) -> None:
    planted = sa.text("""
        INSERT INTO complaint_addition (id, complaint_id, kind, content_sealed, added_at)
        VALUES (gen_random_uuid(), gen_random_uuid(), 'text', '', now())
    """)
    async with db.transaction() as tx:
        await tx.execute(sa.text("SET LOCAL session_replication_role = replica"))  # without a complaint
        await tx.execute(planted)

    async with db.snapshot() as tx:
        assert await kept_wrongly(tx, Counter(), 0, forgetting=True) == ["1 additions of 0 by mail and 0 on pages"]
