"""How the clock itself is: when each timed job was last promised, how late, what came of it, and who ticks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from kalecart.database import Pg
from kalecart.scheduling import ALIVE_WITHIN
from kalecart.timetable import TIMETABLE, Timed

# A tick comes every few seconds, and one that hangs ends its process: a minute is late.
GRACE: Final = timedelta(minutes=1)
# How far a process may stand off before its clock is called wrong. A tick under load takes its time as well.
OFF_MAX: Final = timedelta(seconds=15)
EPOCH: Final = datetime.fromtimestamp(0, UTC)
KINDS: Final = ("scheduler", "worker", "privacy", "analytics")


class Standing(StrEnum):
    """Of the present slot: `due` has begun and is within its grace; whatever is longer is late."""

    STARTED = "started"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, kw_only=True)
class Run:
    """A timed job. `taken_by` is the scheduler that was first, or the kind of process that stood in for them. `late` is
    how long after its slot began it was promised, or for how long it waits to be; `work` is the state of the task of
    its last slot, None where that is no longer known; `took` lasts from promise to end."""

    job: str
    slot: str | None
    ran_at: datetime | None
    taken_by: str | None
    next_at: datetime
    late: timedelta
    standing: Standing
    work: str | None
    took: timedelta | None
    attempts: int
    given_up: int


@dataclass(frozen=True, kw_only=True)
class Beat:
    """The last sign of life of a process. `age` is by its own clock, and negative where that is before whoever asks;
    `seen` ago it was by PostgreSQL's, which is unknown of a process of the release before."""

    name: str
    beat_at: datetime
    age: timedelta
    seen: timedelta | None

    @property
    def kind(self) -> str:
        return self.name.partition(":")[0]

    @property
    def fresh(self) -> bool:
        """Whether somebody beats, by whatever clock."""
        return (self.age if self.seen is None else self.seen) <= ALIVE_WITHIN

    @property
    def ahead(self) -> timedelta:
        """How far its clock is before that of whoever asks; negative where it is behind, nothing where nobody knows."""
        return max(-self.age, timedelta()) if self.seen is None else self.seen - self.age

    @property
    def astray(self) -> bool:
        """Somebody beats by a clock that is wrong."""
        return self.fresh and abs(self.ahead) > OFF_MAX

    @property
    def alive(self) -> bool:
        """Somebody beats by a clock that may be believed."""
        return self.fresh and not self.astray


@dataclass(frozen=True, kw_only=True)
class Clockwork:
    runs: Sequence[Run]
    beats: Sequence[Beat]

    @property
    def schedulers(self) -> Sequence[Beat]:
        return [beat for beat in self.beats if beat.kind == "scheduler"]

    @property
    def late(self) -> Sequence[Run]:
        return [run for run in self.runs if run.standing is Standing.LATE]


# Slots of the future, which a clock that runs ahead has taken, are no reason to call the present one done.
_LAST: Final = """
    SELECT want.job, taken.slot, taken.ran_at, taken.taken_by FROM unnest($1::text[], $2::text[]) AS want (job, slot)
      JOIN LATERAL (SELECT slot, ran_at, taken_by FROM timed_run
                     WHERE timed_run.job = want.job AND timed_run.slot <= want.slot
                     ORDER BY slot DESC LIMIT 1) AS taken ON true
"""
_WORK: Final = "SELECT key, state, attempts, promised_at, ended_at FROM task WHERE key = ANY ($1::text[])"
_DEAD: Final = "SELECT topic, count(*) AS many FROM task WHERE state = 'dead' GROUP BY topic"


async def look(pg: Pg, *, since: datetime | None = None, now: datetime) -> Clockwork:
    """Every job of the timetable, and every process that gave a sign of life within a day. `since` is when the shop
    began: nothing was due before."""
    names, slots = [timed.name for timed in TIMETABLE], [timed.slot_of(now) for timed in TIMETABLE]
    last = {row["job"]: row for row in await pg.fetch(_LAST, names, slots)}
    keys = [timed.job_of(last[timed.name]["slot"]).key for timed in TIMETABLE if timed.name in last]
    work = {row["key"]: row for row in await pg.fetch(_WORK, keys)}
    dead = {row["topic"]: row["many"] for row in await pg.fetch(_DEAD)}
    runs = [_run(timed, last.get(timed.name), work, dead, since=since, now=now) for timed in TIMETABLE]
    return Clockwork(runs=runs, beats=await beats(pg, now))


_BEATS: Final = "SELECT name, beat_at, clock_timestamp() - seen_at AS seen FROM heartbeat ORDER BY name"
# A heartbeat of the future says nothing: its process may be dead, and was wrong about the time when it lived.
_YOUNGEST: Final = """
    SELECT split_part(name, ':', 1) AS kind, max(beat_at) AS at FROM heartbeat WHERE beat_at <= $1 GROUP BY 1
"""


async def beats(pg: Pg, now: datetime) -> Sequence[Beat]:
    """By name."""
    rows = await pg.fetch(_BEATS)
    return [Beat(name=row["name"], beat_at=row["beat_at"], age=now - row["beat_at"], seen=row["seen"]) for row in rows]


async def youngest(pg: Pg, now: datetime) -> Mapping[str, datetime]:
    """The last heartbeat of each kind of process that ever gave one, by a clock that may be believed."""
    rows = await pg.fetch(_YOUNGEST, now + OFF_MAX)
    return {row["kind"]: row["at"] for row in rows}


def standing_of(
    timed: Timed, slot: str | None, ran_at: datetime | None, *, since: datetime | None = None, now: datetime
) -> tuple[Standing, timedelta]:
    """How a job stands whose last slot this was, and how late it is or was; `since` is when the shop began."""
    began = max(timed.slot_of.began(now), since or EPOCH)
    if slot is not None and ran_at is not None and slot == timed.slot_of(now):
        return Standing.STARTED, max(ran_at - began, timedelta())
    late = now - (began if ran_at is None else min(timed.slot_of.next(ran_at), began))
    return Standing.LATE if late > GRACE else Standing.DUE, late


def _run(
    timed: Timed, last: Any, work: Mapping[str, Any], dead: Mapping[str, int], *, since: datetime | None, now: datetime
) -> Run:
    slot, ran_at = (last["slot"], last["ran_at"]) if last else (None, None)
    standing, late = standing_of(timed, slot, ran_at, since=since, now=now)
    task = work.get(timed.job_of(slot).key) if slot else None
    return Run(
        job=timed.name,
        slot=slot,
        ran_at=ran_at,
        taken_by=last["taken_by"] if last else None,
        next_at=timed.slot_of.next(now) if standing is Standing.STARTED else now,
        late=late,
        standing=standing,
        work=task["state"] if task else None,
        took=task["ended_at"] - task["promised_at"] if task and task["ended_at"] else None,
        attempts=task["attempts"] if task else 0,
        given_up=dead.get(timed.name, 0),
    )
