"""A whole shop as a person starts it: `./kale up` in a process of its own."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kalecart.database import Database
from local.environment import environment_of
from local.ports import free_port
from local.privacy import examine_privacy
from tests.prepared import Prepared

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN_S = 300.0
STOPPED_WITHIN_S = 120.0


@dataclass
class LiveShop:
    """`port` is the web's; everything is kept in `data_dir`, across as many starts as a test wants."""

    data_dir: Path
    prepared: Prepared
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> Path:
        """What the supervisor told the person at the keyboard, over all starts."""
        return self.data_dir.with_suffix(".said")

    async def start(self) -> None:
        """Until the shop says that it is ready. A shop that cannot start fails the test with its last words."""
        if not self.data_dir.exists():
            await asyncio.to_thread(self.prepared.copy_to, self.data_dir)
        with self.said.open("ab") as said:
            begun = said.tell()
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "commands", "up", "--port", str(self.port), "--data-dir", str(self.data_dir)),
                cwd=ROOT,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        try:
            await self._until_ready(self.process, begun)
        except BaseException:
            await self.kill_the_tree()  # it is in a session of its own: nothing else would end it
            raise

    async def _until_ready(self, process: asyncio.subprocess.Process, begun: int) -> None:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + READY_WITHIN_S
        while "ready:" not in (words := self.said.read_bytes()[begun:].decode()):
            assert process.returncode is None, f"the shop did not start:\n{words}"
            assert loop.time() < give_up_at, f"the shop did not start in time:\n{words}"
            await asyncio.sleep(0.05)  # a bounded poll of another process

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            async with asyncio.timeout(STOPPED_WITHIN_S):
                await self.process.wait()
        except TimeoutError:
            await self.kill_the_tree()
            raise

    async def kill_the_tree(self) -> None:
        """-9 for the supervisor and everything it started, all at once."""
        assert self.process is not None
        for pid in [self.process.pid, *self.children()]:
            kill(pid)
        await self.process.wait()

    def children(self) -> dict[int, str]:
        """The processes the supervisor keeps running now, and what each is."""
        assert self.process is not None
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _parent(entry) == self.process.pid:
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended between two looks
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return {pid: command for pid, command in found.items() if command}  # a zombie is called nothing

    def environment(self, role: str) -> dict[str, str]:
        return environment_of(self.data_dir, role)

    async def command(self, *arguments: str, within_s: float = 300.0) -> tuple[int, str]:
        """Run a subcommand of `./kale` beside the shop; its exit code and what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "commands", *arguments),
            cwd=ROOT,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(within_s):
                out, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode or 0, out.decode()

    async def unclassified(self) -> list[str]:
        """What the shop has written until now that the register of personal data does not know."""
        told = self.environment("doctor")
        db = Database(told["KALE_DATABASE_URL"], pool_size_max=2, application="test")
        try:
            report = await examine_privacy(db=db, valkey_url=told["KALE_VALKEY_URL"], data_dir=self.data_dir)
        finally:
            await db.close()
        assert report.valkey_keys, "there was nothing to look at"
        return [f"{gap.what}: {gap.where}" for gap in report.gaps]

    def log_ins(self) -> dict[str, dict[str, Any]]:
        """The demonstration log-ins by role."""
        return {each["role"]: each for each in json.loads((self.data_dir / "demo.json").read_text())}


def kill(pid: int) -> None:
    """It may have ended a moment ago: then there is nothing left to kill."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return None
