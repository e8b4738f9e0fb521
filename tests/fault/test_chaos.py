"""A short run of the instrument itself: real processes, deaths at named steps, and some trouble besides."""

from pathlib import Path

import pytest

from chaos.page import page
from chaos.plan import Kind, at_steps, drawn
from chaos.run import Options, run
from chaos.summary import summary

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("live")]

SEED = 11
STEPS = 14
LANDED_MIN = 5  # a busy machine does not come by every step again before the end


async def test_real_processes_die_at_named_steps_and_nothing_is_lost_doubled_or_left_open(tmp_path: Path) -> None:
    blows, seconds = at_steps(SEED, most=STEPS)

    done = await run(
        Options(seed=SEED, seconds=seconds, data_dir=tmp_path / "shop", rate=3.0), blows, say=lambda _line: None
    )

    landed = [each for each in done.striker.struck if each.landed and each.blow.kind is Kind.KILL_AT]
    assert done.passed, summary(done)
    assert len(landed) >= LANDED_MIN, summary(done)
    assert "The shop kept its promise" in page(done)


def test_the_same_seed_is_the_same_plan() -> None:
    assert drawn(7, seconds=600) == drawn(7, seconds=600)
    assert drawn(7, seconds=600) != drawn(8, seconds=600)


def test_ten_minutes_hold_every_kind_of_blow() -> None:
    for seed in range(1, 6):
        kinds = {blow.kind for blow in drawn(seed, seconds=600)}
        assert kinds == set(Kind), seed
