"""What `./kale doctor clock` finds: jobs that are late, schedulers that are silent, and clocks that are wrong.

A heartbeat carries its process's own time. Old ones are of a dead process or of a clock that is behind: two looks tell
which, because only the living beat again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from kalecart.clockwork import OFF_MAX, Beat, Clockwork, Run, beats, look
from kalecart.database import Database, Pg
from kalecart.scheduling import ALIVE_WITHIN, BEAT_S
from local.checkup import Finding

# Long enough for whoever lives to beat again, though its tick takes its time.
BETWEEN_LOOKS_S: Final = BEAT_S + 3.0
# A scheduler that was replaced leaves its last heartbeat behind for a day.
ENOUGH_SCHEDULERS: Final = 2
BEHIND: Final = timedelta(seconds=BEAT_S) + OFF_MAX


async def examine_clock(*, db: Database, pause: Callable[[float], Awaitable[None]]) -> list[Finding]:
    """By PostgreSQL's clock, which is the one all processes share. Reads only; looks again after `pause`."""
    first = await _look(db)
    again: Sequence[Beat] = ()
    if any(not beat.alive for beat in first.beats):
        await pause(BETWEEN_LOOKS_S)
        async with db.direct() as pg:
            again = await beats(pg, await _now(pg))
    before = {beat.name: beat.beat_at for beat in first.beats}
    wrong = [found for beat in again if (found := _wrong(beat, before))]
    return [_schedulers(first, {found.what for found in wrong}), *wrong, *_jobs(first.runs)]


async def _look(db: Database) -> Clockwork:
    async with db.direct() as pg:
        return await look(pg, now=await _now(pg))


async def _now(pg: Pg) -> datetime:
    return await pg.fetchval("SELECT clock_timestamp()")


def _wrong(beat: Beat, before: Mapping[str, datetime]) -> Finding | None:
    """A process that beats, or did, by a clock that is not PostgreSQL's."""
    behind = beat.age > BEHIND and beat.name in before and beat.beat_at != before[beat.name]
    if not beat.ahead and not behind:
        return None
    off = abs(beat.age.total_seconds())
    state = f"its clock is {off:.0f} s {'ahead of' if beat.ahead else 'behind'} PostgreSQL's"
    return Finding(what=beat.name, well=False, state=state, remedy="set that machine's clock, and let NTP keep it")


def _schedulers(seen: Clockwork, wrong: set[str]) -> Finding:
    alive = [beat for beat in seen.schedulers if beat.alive and beat.name not in wrong]
    youngest = min((beat.age for beat in seen.schedulers if not beat.ahead), default=None)
    state = f"{len(alive)} alive" + (f", last heartbeat {youngest.total_seconds():.0f} s ago" if youngest else "")
    remedy = f"start ./kale scheduler, or look into its log: none has beaten for {ALIVE_WITHIN.total_seconds():.0f} s"
    if len(alive) in range(1, ENOUGH_SCHEDULERS):
        state += "; run a second, so that one may stop"
    return Finding(what="schedulers", well=bool(alive), state=state, remedy=remedy)


def _jobs(runs: Sequence[Run]) -> list[Finding]:
    late = [run for run in runs if run.standing == "late"]
    dead = [run for run in runs if run.given_up]
    findings = [
        Finding(
            what=run.job,
            well=False,
            state=f"late by {run.late.total_seconds():.0f} s, last started {_when(run.ran_at)}",
            remedy="its slot is promised as soon as a scheduler, a worker or the web is awake",
        )
        for run in late
    ]
    findings += [
        Finding(
            what=run.job,
            well=False,
            state=f"{run.given_up} given up",
            remedy="see their last error at /staff/queue, mend the cause, then retry them there",
        )
        for run in dead
    ]
    fine = len(runs) - len({run.job for run in (*late, *dead)})
    return [Finding(what="timetable", well=not late, state=f"{fine} of {len(runs)} jobs as they should be"), *findings]


def _when(ran_at: datetime | None) -> str:
    return f"{ran_at:%Y-%m-%d %H:%M} UTC" if ran_at else "never"
