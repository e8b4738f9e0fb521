"""The named steps of verbs that move money, and dying at one of them by order."""

import ast
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kalecart.steps import STEPS, Step, listen, step

ROOT = Path(__file__).resolve().parents[3]
TAKE_TWO = """
import sys
from pathlib import Path
from kalecart.steps import obey, step
obey(Path(sys.argv[1]))
step("charge.begun")
print("still here")
step("charge.confirmed")
print("to the end")
"""


def called() -> Iterator[str]:
    """The name in every call of `step` in the product."""
    for top in ("kalecart", "workers", "web", "scheduler"):
        for path in (ROOT / top).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)) if "step(" in text else ():
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "step":
                    name = node.args[0]
                    assert isinstance(name, ast.Constant), f"{path}:{node.lineno}: a step's name is written out"
                    yield name.value


def run(orders: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-u", "-c", TAKE_TWO, str(orders)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def heard() -> Iterator[list[Step]]:
    names: list[Step] = []
    listen(names.append)
    yield names
    listen(None)


def test_every_declared_step_is_called_at_one_place_and_every_call_names_a_declared_one() -> None:
    assert Counter(called()) == Counter(STEPS)


def test_whoever_listens_hears_of_every_step_and_nobody_else_does(heard: list[Step]) -> None:
    step("charge.begun")
    listen(None)
    step("charge.confirmed")

    assert heard == ["charge.begun"]


def test_a_process_dies_at_the_step_it_is_ordered_to_and_the_next_one_lives(tmp_path: Path) -> None:
    (tmp_path / "charge.confirmed").touch()

    first, second = run(tmp_path), run(tmp_path)

    assert (first.returncode, first.stdout) == (-signal.SIGKILL, "still here\n")
    assert list(tmp_path.iterdir()) == []
    assert (second.returncode, second.stdout) == (0, "still here\nto the end\n")
