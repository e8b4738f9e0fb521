"""A short run of the instrument itself: real processes, deaths at named steps, and some trouble besides."""

from pathlib import Path

import pytest

from chaos.page import page
from chaos.plan import Kind, at_steps, drawn
from chaos.run import Options, run
from chaos.summary import summary
from kalecart.steps import Step
from tests.prepared import Prepared

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("live")]

SEED = 11
# Steps that every order takes, so that somebody dies at them even on a busy machine. All the others, and each on
# its own, are in tests/fault/test_every_step.py.
WELL_TRODDEN: tuple[Step, ...] = (
    *("place.written", "receive_event.written", "hints.pushed", "task.claimed", "task.performed"),
    *("charge.begun", "charge.intent_made", "charge.attempt_opened", "charge.confirmed", "charge.paid"),
)
LANDED_MIN = 3


async def test_real_processes_die_at_named_steps_and_nothing_is_lost_doubled_or_left_open(
    tmp_path: Path, prepared: Prepared
) -> None:
    blows, seconds = at_steps(SEED, WELL_TRODDEN)
    prepared.copy_to(tmp_path / "shop")

    done = await run(
        Options(seed=SEED, seconds=seconds, data_dir=tmp_path / "shop", rate=3.0), blows, say=lambda _line: None
    )

    landed = [each for each in done.striker.struck if each.landed and each.blow.kind is Kind.KILL_AT]
    # How soon it is quiet is a figure of a machine with nothing else to do: here it only has to come.
    assert (done.findings.clean, done.doubts, done.unfinished) == (True, [], []), summary(done)
    assert len(landed) >= LANDED_MIN, summary(done)
    assert f"{len(done.books.orders)}</dd>" in page(done)


def test_the_same_seed_is_the_same_plan() -> None:
    assert drawn(7, seconds=600) == drawn(7, seconds=600)
    assert drawn(7, seconds=600) != drawn(8, seconds=600)


def test_ten_minutes_hold_every_kind_of_blow() -> None:
    for seed in range(1, 6):
        kinds = {blow.kind for blow in drawn(seed, seconds=600)}
        assert kinds == set(Kind), seed
