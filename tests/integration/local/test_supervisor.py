"""Real processes: small shell scripts that say what they do in one file."""

import asyncio
import errno
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from local import processes
from local.program import CannotStart, Program
from local.supervisor import Supervisor

STAYS = """
trap 'echo "stop {name}" >> "{diary}"; exit 0' TERM
echo "start {name}" >> "{diary}"
while :; do sleep 0.05; done
"""


class Watched(Supervisor):
    """With what it said and recorded at hand."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.recorded: list[processes.Running] = []
        self.full = False  # the disk, the next time something is written down
        self.unwritten: list[processes.Running] = []
        self.diary = folder / "diary"
        self.diary.touch()
        super().__init__(folder, say=self.said.append, record=self._remember)

    def _remember(self, running: list[processes.Running]) -> None:
        if self.full:
            self.full, self.unwritten = False, running
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.recorded = running

    def program(self, name: str, script: str = STAYS, *, wave: int = 0, ready_s: float = 120.0) -> Program:
        async def ready() -> None:
            assert f"start {name}" in self.diary.read_text()

        line = script.format(name=name, diary=self.diary)
        argv = ("/bin/sh", "-c", line)
        return Program(
            name=name, argv=argv, environment={"PATH": "/usr/bin:/bin"}, ready=ready, ready_s=ready_s, wave=wave
        )


@pytest_asyncio.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Watched]:
    supervisor = Watched(tmp_path)
    yield supervisor
    await supervisor.stop()


async def until(holds: Callable[[], bool], patience_s: float = 120.0) -> None:
    async with asyncio.timeout(patience_s):
        while not holds():  # noqa: ASYNC110  # another process has no event of ours to set
            await asyncio.sleep(0.02)


async def test_start_returns_when_it_is_ready(supervisor: Watched):
    await supervisor.start(supervisor.program("web"))

    assert supervisor.diary.read_text() == "start web\n"
    assert [process.name for process in supervisor.recorded] == ["web"]


async def test_a_killed_program_is_started_again_and_that_is_said(supervisor: Watched):
    await supervisor.start(supervisor.program("web"))
    first = supervisor.recorded[0]

    await processes.end(first)
    await until(lambda: any("is back" in line for line in supervisor.said))

    assert supervisor.said[0] == "web ended (signal 9); starting it again in 0.2 s"
    assert supervisor.recorded[0].pid != first.pid


async def test_the_pause_doubles_while_it_keeps_dying(supervisor: Watched):
    falls = STAYS.replace("while :; do sleep 0.05; done", "sleep 0.2; exit 3")

    await supervisor.start(supervisor.program("web", falls))
    await until(lambda: sum("ended" in line for line in supervisor.said) >= 3)

    pauses = [line for line in supervisor.said if "ended" in line]
    assert pauses[:3] == [f"web ended (exit 3); starting it again in {pause} s" for pause in ("0.2", "0.4", "0.8")]


async def test_one_that_was_started_and_could_not_be_written_down_does_not_run_beside_the_next(supervisor: Watched):
    await supervisor.start(supervisor.program("web"))

    supervisor.full = True
    await processes.end(supervisor.recorded[0])
    await until(lambda: any("is back" in line for line in supervisor.said))

    assert "web cannot be started: No space left on device" in supervisor.said
    assert [process.alive() for process in (*supervisor.unwritten, *supervisor.recorded)] == [False, True]


async def test_later_waves_stop_first(supervisor: Watched):
    await supervisor.start(supervisor.program("postgres", wave=0))
    await supervisor.start(supervisor.program("web", wave=1))

    await supervisor.stop()

    assert supervisor.diary.read_text().split("\n")[2:4] == ["stop web", "stop postgres"]
    assert supervisor.recorded == []


async def test_a_program_that_ignores_being_asked_is_killed_with_its_children(supervisor: Watched):
    stubborn = 'trap \'\' TERM; sleep 60 & echo "start {name} $!" >> "{diary}"; while :; do sleep 0.05; done'
    program = replace(supervisor.program("web", stubborn), stop=((signal.SIGTERM, 0.2),))

    await supervisor.start(program)
    grandchild = int(supervisor.diary.read_text().split()[-1])
    await supervisor.stop()
    await until(lambda: processes.born(grandchild) is None)


async def test_a_program_that_ends_at_once_is_one_sentence_with_its_last_words(supervisor: Watched):
    with pytest.raises(
        CannotStart, match=r'^web ends as soon as it starts \(exit 4\) \(its last words: "no such module"'
    ):
        await supervisor.start(supervisor.program("web", "echo 'no such module' >&2; exit 4"))


async def test_a_program_that_is_never_ready_is_one_sentence_with_its_last_words(supervisor: Watched):
    waits = "echo 'waiting for godot'; sleep 60"

    with pytest.raises(CannotStart, match=r'^web was not ready within 2 s \(its last words: "waiting for godot"'):
        await supervisor.start(supervisor.program("web", waits, ready_s=2.0))


async def test_a_step_that_fails_is_one_sentence(supervisor: Watched):
    with pytest.raises(CannotStart, match=r'^migrate failed \(exit 2\) \(its last words: "no such table"'):
        await supervisor.run(supervisor.program("migrate", "echo no such table; exit 2"))


async def test_a_step_that_ends_well_is_forgotten(supervisor: Watched):
    await supervisor.run(supervisor.program("migrate", "exit 0"))
    await supervisor.start(supervisor.program("web"))

    assert [process.name for process in supervisor.recorded] == ["web"]


async def test_a_child_inherits_nothing_but_what_it_is_given(supervisor: Watched):
    await supervisor.run(supervisor.program("env", 'env > "{diary}"'))

    names = {line.split("=")[0] for line in supervisor.diary.read_text().splitlines()}
    assert names <= {"PATH", "PWD", "SHLVL", "_", "OLDPWD"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child that its parent died")
async def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path):
    script = """
import asyncio, sys
from pathlib import Path
from local.program import Program
from local.supervisor import Supervisor
async def main():
    supervisor = Supervisor(Path(sys.argv[1]), say=print, record=lambda running: None)
    await supervisor.start(Program(name="sleep", argv=("/bin/sleep", "600"), environment={}))
    print(supervisor._children["sleep"].running.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 120))
    child = processes.Running(name="sleep", pid=pid, born=processes.born(pid) or "")

    parent.kill()
    await parent.wait()

    assert await processes.gone(child, 120)


async def test_a_number_that_is_used_again_is_not_our_process():
    sleeper = await asyncio.create_subprocess_exec("sleep", "60")
    ours = processes.Running(name="sleep", pid=sleeper.pid, born=processes.born(sleeper.pid) or "")
    earlier = replace(ours, born="another boot 17")

    await processes.end(earlier, (signal.SIGTERM, 0.1))
    spared = ours.alive()
    await processes.end(ours, (signal.SIGTERM, 5.0))
    await sleeper.wait()

    assert spared
    assert not ours.alive()
