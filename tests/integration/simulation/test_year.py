"""A short year of few people, with everything that goes wrong in one: every rule holds, and it can be lived again."""

from pathlib import Path

import asyncpg
import pytest

from simulation.facts import FACTS, counted, digest
from simulation.run import Judged, judged
from simulation.verdict import verdict
from simulation.year import Lived, Plan
from tests.integration.simulation.conftest import PLAN, place_of
from tests.server import Clone, Server


async def test_whatever_went_wrong_in_a_year_every_rule_holds_at_its_end(lived: Lived) -> None:
    findings = await verdict(lived)
    async with lived.scene.shop.at["owner"].db.snapshot() as tx:
        facts = await counted(tx)

    assert [finding.as_line() for finding in findings if not finding.holds] == []
    assert facts["orders"] > 3
    assert facts["steps"] > 5
    assert lived.outages


async def test_another_year_has_another_digest(lived: Lived) -> None:
    """One row less of any kind of fact is another year."""
    known = set()
    async with lived.scene.shop.at["owner"].db.snapshot() as tx:
        facts = {what: many for what, many in (await counted(tx)).items() if many}
        for what in facts:
            with pytest.MonkeyPatch.context() as bend:
                bend.setitem(FACTS, what, f"SELECT * FROM ({FACTS[what]}) AS fact OFFSET 1")
                known.add(await digest(tx))

    assert len(facts) > 20
    assert len(known) == len(facts)


# What a planner may choose by statistics that autovacuum gathered in the meantime: rows come in another order then.
OTHER_PLANS = ("enable_nestloop", "enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")


async def _known_by(plan: Plan, clone: Clone, server: Server, folder: Path) -> tuple[str, list[str], list[object]]:
    judgement: Judged = await judged(plan, place_of(clone, server, folder), say=lambda _line: None)
    lived = judgement.lived
    return judgement.digest, lived.processes.performed, list(lived.scene.shop.post.round)


@pytest.mark.usefixtures("quick_passwords")
async def test_the_same_seed_gives_the_same_year_and_the_same_work_in_its_order_whatever_queries_cost(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plan = Plan(seed=1, first_day=PLAN.first_day, days=3, shoppers=2, orders_a_day=2, often=6, ticks_a_day=0)
    known = []
    for off in ((), OTHER_PLANS):
        clone = await server.cloned()
        owner = await asyncpg.connect(clone.url().replace("+asyncpg", ""))
        for planning in off:
            await owner.execute(f"ALTER DATABASE {clone.name} SET {planning} = off")
        await owner.close()
        known.append(await _known_by(plan, clone, server, tmp_path_factory.mktemp("year")))
        await server.dropped(clone)

    assert known[0] == known[1]
