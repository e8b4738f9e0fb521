"""The daily control of figures says what is wrong, and the page of promises turns red with it (C6)."""

import pytest
import sqlalchemy as sa

from kalecart.analytics.prepare_count import prepare_count
from kalecart.controls import last_runs
from kalecart.database import Database
from kalecart.figures.prove import prove_figures
from kalecart.grants import WORKER
from kalecart.openness.control import CONTROLS
from kalecart.policy.publish import publish_policy
from tests.clock import FakeClock
from tests.released import a_released_quarter
from tests.server import Clone


async def run(clone: Clone, clock: FakeClock) -> set[str]:
    worker = Database(clone.url(WORKER), pool_size_max=2, application="test")
    found = await prove_figures(None, db=worker, clock=clock)
    await worker.close()
    return set(found)


async def test_a_shop_that_has_just_begun_and_one_with_a_released_quarter_are_well(
    db: Database, clone: Clone, clock: FakeClock
) -> None:
    await publish_policy(db=db, clock=clock)
    await prepare_count(None, db=db, clock=clock)
    assert await run(clone, clock) == set()

    await a_released_quarter(db, now=clock.now())
    assert await run(clone, clock) == set()
    async with db.snapshot() as tx:
        assert (await last_runs(tx))["figures"].passed
    assert "figures" in {control.name for control in CONTROLS}


@pytest.mark.parametrize(
    ("slip", "rule"),
    [
        (
            "UPDATE envelope SET spent_microrho = 1 WHERE id = 'survey:2026-Q3'",
            "envelopes that differ from what was paid out of them",
        ),
        ("DELETE FROM release_answer WHERE key = 'aisles:2026-Q3'", "releases without an answer for a day"),
        (
            "UPDATE release SET kind = 'share' WHERE key = 'aisles:2026-Q3'",
            "releases paid out of another budget than their own",
        ),
        (
            "INSERT INTO envelope VALUES ('question:2099', 2099, 'question', '2099', 40000, 0, '2100-01-01')",
            "budgets of another year than their period, or of years to come",
        ),
    ],
)
async def test_what_was_not_paid_for_or_never_answered_breaks_the_control(
    db: Database, clone: Clone, clock: FakeClock, slip: str, rule: str
) -> None:
    await a_released_quarter(db, now=clock.now())
    async with db.transaction() as tx:
        await tx.execute(sa.text(slip))
    clock.advance(days=2)

    assert await run(clone, clock) == {rule}
    async with db.snapshot() as tx:
        assert not (await last_runs(tx))["figures"].passed


async def test_days_and_quarters_that_nobody_counts_break_the_control_once_they_are_late(
    db: Database, clone: Clone, clock: FakeClock
) -> None:
    await publish_policy(db=db, clock=clock)
    await prepare_count(None, db=db, clock=clock)
    clock.advance(days=6)

    assert await run(clone, clock) == {"days not counted in time", "quarters not released in time"}
