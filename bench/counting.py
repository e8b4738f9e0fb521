"""One act of the counting log-in in a process of its own, so that its memory can be told: `python -m bench.counting`.

What it is told comes as JSON on the command line, and what it took goes out as JSON.
"""

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from bench.processes import cpu_seconds
from kalecart import logs
from kalecart.analytics.count_habits import count_habits
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.release_quarter import release_quarter
from kalecart.database import Database

KB: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """A clock that stands at the instant at which something is done."""

    at: datetime

    def now(self) -> datetime:
        return self.at


async def act(told: dict[str, Any]) -> dict[str, Any]:
    """`days` are counted, or `quarter` is released.

    Seconds on the wall and of the processor, and megabytes at most, of this process and of its server's together.
    """
    db = Database(told["url"], pool_size_max=1, application="kalecart bench")
    clock = Stopped(at=datetime.fromisoformat(told["now"]))
    try:
        async with db.transaction() as tx:
            server = (await tx.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()
        both = {"self": os.getpid(), "server": server}
        begun, before, changed = time.monotonic(), cpu_seconds(both), 0
        for day in told.get("days", ()):
            changed += await count_habits(date.fromisoformat(day), None, db=db, clock=clock)
        if "quarter" in told:
            await release_quarter(Quarter.parse(told["quarter"]), None, db=db, clock=clock)
        took = time.monotonic() - begun
        cpu_s = sum(cpu_seconds(both).values()) - sum(before.values())
        mb = sum(map(_peak_mb, both.values()))
        return {"seconds": round(took, 3), "cpu_s": round(cpu_s, 2), "changed": changed, "mb": round(mb, 1)}
    finally:
        await db.close()


def _peak_mb(process: int) -> float:
    """The most memory it ever had, what it shares with others included; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((round(int(line.split()[1]) / KB, 1) for line in lines if line.startswith("VmHWM:")), 0.0)


if __name__ == "__main__":
    logs.configure(process="bench", level="WARNING", log_format="text")
    sys.stdout.write(json.dumps(asyncio.run(act(json.loads(sys.argv[1])))))
