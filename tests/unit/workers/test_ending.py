import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TOLD_AT_EVERY_STEP = """
import signal, sys
from workers.ending import told_to_end

left = list(range(9))

def again(*_):
    if left:
        left.pop()
        signal.raise_signal(signal.SIGTERM)
    return again

told = told_to_end()
sys.settrace(again)
signal.raise_signal(signal.SIGTERM)
told()
sys.settrace(None)
print("ended")
"""


def test_a_worker_that_is_told_to_end_while_it_is_being_told_ends() -> None:
    """Every line between is interrupted; what waits for a lock then would wait for itself, and for ever."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD_AT_EVERY_STEP], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.stdout, done.stderr) == ("ended\n", "")
