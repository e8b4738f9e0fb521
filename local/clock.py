"""What `./kale doctor clock` finds: jobs that are late, schedulers that are silent, and clocks that are wrong."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from kalecart.clockwork import Beat, Clockwork, Run, look
from kalecart.database import Database
from kalecart.policy import reads as policy
from kalecart.scheduling import ALIVE_WITHIN
from local.checkup import Finding

# A scheduler that was replaced leaves its last heartbeat behind for a day.
ENOUGH_SCHEDULERS: Final = 2


async def examine_clock(*, db: Database) -> list[Finding]:
    """By PostgreSQL's clock, which is the one all processes share. Reads only."""
    async with db.snapshot() as tx:
        since = await policy.first_published_at(tx)
    async with db.direct() as pg:
        seen = await look(pg, since=since, now=await pg.fetchval("SELECT clock_timestamp()"))
    wrong = [_wrong(beat) for beat in seen.beats if beat.astray]
    return [_schedulers(seen), *wrong, *_jobs(seen.runs)]


def _wrong(beat: Beat) -> Finding:
    off = beat.ahead.total_seconds()
    state = f"its clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} PostgreSQL's"
    return Finding(what=beat.name, well=False, state=state, remedy="set that machine's clock, and let NTP keep it")


def _schedulers(seen: Clockwork) -> Finding:
    alive = [beat for beat in seen.schedulers if beat.alive]
    youngest = min((beat.age for beat in seen.schedulers if not beat.astray), default=None)
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
            state=f"late by {run.late.total_seconds():.0f} s, last started {_when(run)}",
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
    takers = Counter(run.taken_by for run in runs if run.taken_by)
    by = ", ".join(f"{many} by {name}" for name, many in takers.most_common())
    state = f"{fine} of {len(runs)} jobs as they should be" + (f"; last started: {by}" if by else "")
    return [Finding(what="timetable", well=not late, state=state), *findings]


def _when(run: Run) -> str:
    if run.ran_at is None:
        return "never"
    return f"{run.ran_at:%Y-%m-%d %H:%M} UTC" + (f" by {run.taken_by}" if run.taken_by else "")
