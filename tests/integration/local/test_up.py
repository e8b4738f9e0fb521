"""`./kale up` as a person meets it: what it refuses, in one sentence, before it starts anything."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from local import processes
from local.folder import Folder, recorded_running
from local.program import ROOT
from tests import live

READY_S = 300.0
COMMAND = (sys.executable, "-m", "commands", "up", "--port")


def refused(*arguments: str, **environment: str) -> str:
    """What it said on its way out."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("kale: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_port_in_use_is_refused(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        assert f"port {port} is in use" in refused(str(port), "--data-dir", str(tmp_path / "var"))


def test_an_unwritable_data_folder_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")

    assert "cannot write in the data folder" in refused("0", "--data-dir", str(tmp_path / "file" / "var"))


def test_somebody_elses_folder_is_refused_and_kept_even_with_fresh(tmp_path: Path):
    (tmp_path / "letter.txt").write_text("dear")

    assert "not a data folder of KaleCart" in refused("0", "--fresh", "--data-dir", str(tmp_path))
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_live_keys_are_refused(tmp_path: Path):
    keys = {
        "KALE_STRIPE_SECRET_KEY": "sk_live_1",
        "KALE_STRIPE_PUBLISHABLE_KEY": "pk_live_1",
        "KALE_STRIPE_WEBHOOK_SECRET": "whsec_1",
    }

    assert "test keys only" in refused("0", "--data-dir", str(tmp_path / "var"), **keys)


class Up:
    """A shop that was started from the command line."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._said = folder.path.with_suffix(".said")
        with self._said.open("w") as said:
            self.process = subprocess.Popen(
                [*COMMAND, "0", "--data-dir", str(folder.path)],
                cwd=ROOT,
                env={"PATH": "/usr/bin:/bin"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    async def until_ready(self) -> str:
        """Its address."""
        async with asyncio.timeout(READY_S):
            while (line := self._line("ready: ")) is None:
                assert self.process.poll() is None, self._said.read_text()
                await asyncio.sleep(0.05)
        return line.removeprefix("ready: ").split(" ")[0]

    def _line(self, beginning: str) -> str | None:
        return next((line for line in self._said.read_text().splitlines() if line.startswith(beginning)), None)

    def running(self) -> list[processes.Running]:
        return recorded_running(self._folder)

    def kill(self) -> None:
        """Its supervisor alone: what it started learns of that by itself."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(path=tmp_path / "var")


@pytest.fixture
def start(folder: Folder) -> Iterator[Callable[[], Up]]:
    """Starts a shop in the folder. Whatever a test leaves running there is ended."""
    with ExitStack() as left:

        def started() -> Up:
            up = Up(folder)
            left.callback(up.kill)
            return up

        yield started
    for process in recorded_running(folder):
        live.kill(process.pid)


def status_of(url: str) -> int:
    with urllib.request.urlopen(url, timeout=120) as answer:
        return answer.status


@pytest.mark.fault
async def test_a_shop_starts_again_on_the_same_data_whether_its_supervisor_was_killed_or_everything(
    folder: Folder, start: Callable[[], Up]
):
    first = start()
    await first.until_ready()
    log_ins = json.loads(folder.demo.read_text())

    first.kill()
    second = start()
    await second.until_ready()
    refusal = refused("0", "--data-dir", str(folder.path))
    for pid in [second.process.pid, *(process.pid for process in second.running())]:
        live.kill(pid)  # without their supervisor some end before their turn comes
    second.process.wait()
    third = start()
    url = await third.until_ready()
    served = status_of(f"{url}/readyz")
    third.process.send_signal(signal.SIGINT)

    assert "another ./kale up runs on" in refusal
    assert served == 200
    assert third.process.wait(timeout=300) == 0
    assert json.loads(folder.demo.read_text()) == log_ins
    assert third.running() == []
