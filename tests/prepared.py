"""A shop that was started and stopped once in this run: who needs a live one starts a copy of its data folder again.

To migrate and to fill a shop for each of them was most of what they cost. From nothing it is started in
integration/local/test_up.py.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.program import ROOT

READY_WITHIN_S: Final = 300.0
STOPPED_WITHIN_S: Final = 120.0


@dataclass(frozen=True)
class Prepared:
    """`folder` is shared by all processes of the run; the first that asks makes the shop, the others wait for it."""

    folder: Path

    def copy_to(self, data_dir: Path) -> None:
        """A folder that `./kale up` takes for its own of yesterday, on ports of its own."""
        self.folder.mkdir(exist_ok=True)
        original = self.folder / "shop"
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not original.exists():
                _make(self.folder / "making")
                (self.folder / "making").rename(original)
        if (original / "postgres.elsewhere").exists():
            return  # its data is in a folder of another account's: this one begins with nothing
        shutil.copytree(original, data_dir)
        (data_dir / "ports.json").unlink()


def _make(data_dir: Path) -> None:
    with data_dir.with_suffix(".said").open("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "commands", "up", "--port", "0", "--data-dir", str(data_dir)],
            cwd=ROOT,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            start_new_session=True,
        )
        with process:
            assert process.stdout is not None
            ready = any(line.startswith("ready:") for line in process.stdout)
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
            process.wait(STOPPED_WITHIN_S)
        said.seek(0)
        assert ready, f"the shop that others are copied from did not start:\n{said.read()}"
