"""What is forked from the nest is what it would be if it had been started from nothing."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from kalecart.ids import new_id
from local import processes
from local.child import Child
from local.hatching import POSSIBLE, Nest
from local.program import ROOT, CannotStart, Program
from local.supervisor import Supervisor

pytestmark = [
    pytest.mark.skipif(not POSSIBLE, reason="only Linux adopts processes"),
    pytest.mark.asyncio(loop_scope="module"),
]

PLAIN = {"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
SECRET = f"{new_id()}"  # in no file that is loaded
ADOPTS = """
import ctypes, json, os, socket
from local.nest import NUMBER_BYTES, hatch
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # a subreaper
mine, egg = socket.socketpair()
mine.settimeout(120)

def asks(parent):
    asked = {"argv": ["python", "-m", "commands"], "environment": {}, "log": "/dev/null", "parent": parent}
    asked["dies_by"] = 9
    mine.sendall(json.dumps(asked).encode() + b"\\n")
"""
WHAT_ANOTHER_ASKED_FOR = """
asks(os.getppid())
if os.fork() == 0:
    hatch(egg)
egg.close()
mine.recv(NUMBER_BYTES)
try:
    print("became it" if mine.recv(1) else "ended")
except TimeoutError:
    print("waits for ever")
"""
WHAT_IT_ASKED_FOR_LONG_AGO = """
asks(os.getpid())
mine.close()
if (between := os.fork()) == 0:
    hatch(egg)
os.waitpid(between, 0)
try:
    print("adopted", os.waitpid(-1, 0))
except ChildProcessError:
    print("nobody")
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def supervisor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Supervisor]:
    folder = tmp_path_factory.mktemp("nest")
    supervisor = Supervisor(folder, say=lambda _line: None, record=lambda _running: None)
    nest = supervisor.nest = Nest()
    await supervisor.start(nest.program(folder / "nest.log", PLAIN))
    yield supervisor
    await supervisor.stop()


def program(*words: str, **environment: str) -> Program:
    return Program(name=words[0], argv=(sys.executable, "-m", *words), environment=PLAIN | environment)


def nest_of(supervisor: Supervisor) -> processes.Running:
    return supervisor.running()["nest"]


def stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().rstrip()


def called_by(pid: int) -> list[bytes]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")


async def test_it_has_its_own_arguments_environment_and_log_and_ends_as_it_would(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    helps = Child(program("commands", "doctor", "--help"), tmp_path / "helps.log", supervisor.nest)
    ends = Child(
        program("web", KALE_DATABASE_URL="postgresql://", KALE_POOL_SIZE_MAX="none"),
        tmp_path / "ends.log",
        supervisor.nest,
    )

    await asyncio.gather(helps.start(), ends.start())

    assert (await helps.wait(), await ends.wait()) == (0, 1)
    assert "Usage: ./kale doctor" in helps.log.read_text()
    assert "pool_size_max" in ends.log.read_text()


async def test_it_is_a_child_of_whoever_asked_in_a_session_of_its_own_and_is_called_by_its_name(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    journal = ("--journal", str(tmp_path / "journal"))
    child = Child(program("stripesim", "--port", "0", *journal), tmp_path / "log", supervisor.nest)
    await child.start()
    assert child.running is not None
    pid = child.running.pid
    state, parent, group, session = stat(pid)[:4]
    called, name = called_by(pid), name_of(pid)

    await child.stop()

    me = stat(nest_of(supervisor).pid)[1]
    assert state not in "ZX"
    assert (parent, group, session) == (me, str(pid), str(pid))
    assert (called[1:5], name) == ([b"-m", b"stripesim", b"--port", b"0"], "stripesim")
    assert child.status is not None
    assert not child.running.alive()


async def test_nobody_who_comes_later_has_in_memory_what_another_was_told(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    child = Child(program("commands", "--help", KALE_OF_ITS_OWN=SECRET), tmp_path / "log", supervisor.nest)
    await child.start()
    await child.wait()

    nest = nest_of(supervisor).pid
    assert in_memory(nest, b"nest_ready"), "or nothing was looked at"
    assert not in_memory(nest, SECRET.encode())


def in_memory(pid: int, words: bytes) -> bool:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, rights, *_ = line.split()
            begin, end = (int(each, 16) for each in place.split("-"))
            if rights.startswith("rw"):
                memory.seek(begin)
                if words in memory.read(end - begin):
                    return True
    return False


async def told_by(script: str) -> tuple[bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ADOPTS + script),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return await process.communicate()


async def test_one_that_somebody_else_adopts_than_who_asked_ends() -> None:
    """As a session's first process does, where the supervisor was killed meanwhile."""
    assert await told_by(WHAT_ANOTHER_ASKED_FOR) == (b"ended\n", b"")


async def test_one_that_nobody_waits_for_any_more_is_left_to_nobody() -> None:
    """As where the nest took longer to be there again than whoever asked waited."""
    assert await told_by(WHAT_IT_ASKED_FOR_LONG_AGO) == (b"nobody\n", b"")


async def test_one_that_ends_while_it_hatches_leaves_nothing_behind(supervisor: Supervisor, tmp_path: Path) -> None:
    assert supervisor.nest is not None
    before = children()

    hatched = await supervisor.nest.hatch(program("commands", "--help"), tmp_path / "nowhere" / "log")

    assert hatched is None
    async with asyncio.timeout(120):
        while children() - before:  # noqa: ASYNC110  # another process has no event of ours to set
            await asyncio.sleep(0.02)


def children() -> set[int]:
    """Also those that ended, and that nobody asked how."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found |= {int(entry.name)} if stat(int(entry.name))[1] == str(os.getpid()) else set()
    return found


async def test_what_cannot_be_forked_is_started_from_nothing(supervisor: Supervisor, tmp_path: Path) -> None:
    shell = Program(name="shell", argv=("/bin/sh", "-c", "echo hello"), environment=PLAIN)
    gone = Nest()
    gone.close()

    for number, (each, nest) in enumerate([(shell, supervisor.nest), (program("commands", "--help"), gone)]):
        child = Child(each, tmp_path / f"{number}.log", nest)
        await child.start()
        assert await child.wait() == 0
        assert child.log.stat().st_size


async def test_one_that_was_killed_is_there_again_and_answers_what_was_asked_meanwhile(supervisor: Supervisor) -> None:
    before = nest_of(supervisor)
    await processes.end(before)

    await supervisor.run(program("commands", "--help"))
    with pytest.raises(CannotStart, match="scheduler failed"):
        await supervisor.run(program("scheduler"))

    assert nest_of(supervisor) != before
