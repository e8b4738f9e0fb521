"""A short year of few people, with everything that goes wrong in one: every rule holds, and it can be lived again."""

from datetime import date
from pathlib import Path

import pytest

from simulation.run import Judged, judged
from simulation.shop import Place
from simulation.year import Plan
from tests.server import Clone, Server

# Across the day on which clocks go back.
FIRST_DAY = date(2027, 10, 3)


async def _lived(plan: Plan, clone: Clone, server: Server, folder: Path) -> Judged:
    def url_of(role: str) -> str:
        return clone.url(None if role == "owner" else f"kale_{role}")

    beside = {"anchor_file": folder / "anchors.jsonl", "tombstone_file": folder / "tombstones.jsonl"}
    place = Place(url_of=url_of, master_key_file=server.master_key_file, **beside)
    return await judged(plan, place, say=lambda _line: None)


async def test_whatever_went_wrong_in_a_year_every_rule_holds_at_its_end(
    clone: Clone, server: Server, tmp_path: Path
) -> None:
    plan = Plan(seed=4, first_day=FIRST_DAY, days=34, shoppers=3, orders_a_day=0.3, ticks_a_day=0)

    judgement = await _lived(plan, clone, server, tmp_path)

    assert [finding.as_line() for finding in judgement.findings if not finding.holds] == []
    assert judgement.facts["orders"] > 3
    assert judgement.facts["steps"] > 5
    assert judgement.lived.outages


@pytest.mark.usefixtures("quick_passwords")
async def test_the_same_seed_gives_the_same_year(server: Server, tmp_path: Path) -> None:
    plan = Plan(seed=1, first_day=FIRST_DAY, days=3, shoppers=2, orders_a_day=2, ticks_a_day=0)
    digests = []
    for turn in ("once", "again"):
        folder = tmp_path / turn
        folder.mkdir()
        clone = await server.cloned()
        digests.append((await _lived(plan, clone, server, folder)).digest)
        await server.dropped(clone)

    assert digests[0] == digests[1]
