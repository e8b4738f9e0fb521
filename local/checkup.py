"""What `./kale doctor` looks at: each part of a shop, what is wrong with it, and what to do about that."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from local.folder import FREE_BYTES_MIN
from local.program import ROOT

PATIENCE_S: Final = 5.0
BEAT_AGE_MAX_S: Final = 60
BEAT_AHEAD_MAX_S: Final = 15
TASK_AGE_MAX_S: Final = 60
OTHER_SHIFTS: Final = ("privacy", "analytics")
STRIPE: Final = "https://api.stripe.com"

Environment = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`state` is what was seen; `remedy` what to do when it is not well."""

    what: str
    well: bool
    state: str
    remedy: str = ""


async def examine(environment: Environment, data_dir: Path | None) -> list[Finding]:
    """Everything at once. `data_dir` is None for a shop that is not one of `./kale up`."""
    looks = (database, valkey, stripe, web)
    findings = [python(), packages(), *([disk(data_dir)] if data_dir else [])]
    return findings + [
        finding for part in await asyncio.gather(*(look(environment) for look in looks)) for finding in part
    ]


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        what="Python", well=sys.version_info >= (3, 11), state=version, remedy="install Python 3.11 or newer"
    )


def packages(lock: Path = ROOT / "requirements.lock") -> Finding:
    """Whether what is installed is what was locked and tested."""
    locked: dict[str, set[str]] = {}
    for line in lock.read_text().splitlines():
        name, equals, version = line.partition("==")
        if equals and not line.startswith(" "):  # some have one version for each of several Pythons
            locked.setdefault(name, set()).add(version.split(" ", 1)[0])
    wrong = [name for name, versions in locked.items() if _installed(name) not in {None, *versions}]
    remedy = "remove .venv and run ./kale again"
    return Finding(
        what="packages",
        well=not wrong,
        state=f"other than locked: {', '.join(wrong)}" if wrong else "as locked",
        remedy=remedy,
    )


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # locked for another kind of machine
        return None


def disk(data_dir: Path) -> Finding:
    free = shutil.disk_usage(data_dir).free
    remedy = f"free some: below {FREE_BYTES_MIN // 2**20} MB PostgreSQL may stop"
    return Finding(what="disk", well=free >= FREE_BYTES_MIN, state=f"{free / 2**30:.1f} GB free", remedy=remedy)


async def database(environment: Environment) -> list[Finding]:
    """All that is asked of PostgreSQL, over one connection."""
    import asyncpg  # noqa: PLC0415  # the machine's own checks must work where nothing is installed

    url = environment["KALE_DATABASE_URL"].replace("+asyncpg", "", 1)
    try:
        connection = await asyncpg.connect(url, timeout=PATIENCE_S)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        remedy = "start it (./kale up), or correct KALE_DATABASE_URL"
        return [Finding(what="PostgreSQL", well=False, state=f"no connection ({type(error).__name__})", remedy=remedy)]
    try:
        version = await connection.fetchval("SHOW server_version")
        findings = [Finding(what="PostgreSQL", well=True, state=f"{version} at {_place(url)}")]
        for what, ask in ASKED.items():
            findings.append(await _asked(what, ask, connection))
        return findings
    finally:
        await connection.close()


async def _asked(what: str, ask: Callable[[Any], Awaitable[Finding]], connection: Any) -> Finding:
    import asyncpg  # noqa: PLC0415

    try:
        return await ask(connection)
    except asyncpg.PostgresError as error:
        return Finding(
            what=what,
            well=False,
            state=f"cannot be asked (SQLSTATE {getattr(error, 'sqlstate', '?')})",
            remedy="./kale migrate",
        )


async def migrations(connection: Any) -> Finding:
    from kalecart.readiness import migrated  # noqa: PLC0415

    well = await migrated(connection)
    return Finding(what="migrations", well=well, state="the newest" if well else "behind", remedy="run ./kale migrate")


async def scheduler(connection: Any) -> Finding:
    return await _beating("scheduler", connection)


async def worker(connection: Any) -> Finding:
    return await _beating("worker", connection)


async def privacy_worker(connection: Any) -> Finding:
    return await _beating("privacy", connection)


async def analytics_worker(connection: Any) -> Finding:
    return await _beating("analytics", connection)


async def _beating(kind: str, connection: Any) -> Finding:
    """A process's health is the age of its last word, not whether it exists."""
    age = await connection.fetchval(
        "SELECT extract(epoch FROM now() - max(beat_at))::float FROM heartbeat"
        " WHERE starts_with(name, $1) AND beat_at < now() + make_interval(secs => $2)",
        f"{kind}:",
        BEAT_AHEAD_MAX_S,
    )
    state = "none yet" if age is None else f"last heartbeat {age:.0f} s ago"
    command = f"worker {kind}" if kind in OTHER_SHIFTS else kind
    remedy = f"start ./kale {command}, or look into its log"
    return Finding(what=kind, well=age is not None and age <= BEAT_AGE_MAX_S, state=state, remedy=remedy)


async def oldest_task(connection: Any) -> Finding:
    row = await connection.fetchrow(
        "SELECT count(*) AS many, coalesce(extract(epoch FROM now() - min(due_at)), 0)::float AS age"
        " FROM task WHERE state = 'pending' AND due_at <= now()"
    )
    state = f"{row['many']} waiting, the oldest for {row['age']:.0f} s" if row["many"] else "none waiting"
    remedy = "start more ./kale worker, or look into their logs"
    return Finding(what="tasks", well=row["age"] <= TASK_AGE_MAX_S, state=state, remedy=remedy)


async def dead_letters(connection: Any) -> Finding:
    rows = await connection.fetch("SELECT topic, count(*) AS many FROM task WHERE state = 'dead' GROUP BY 1 ORDER BY 1")
    state = ", ".join(f"{row['many']} {row['topic']}" for row in rows) or "none"
    remedy = "see their last error at /staff/queue, mend the cause, then retry or discard them there"
    return Finding(what="dead letters", well=not rows, state=state, remedy=remedy)


async def alerts(connection: Any) -> Finding:
    rows = await connection.fetch(
        "SELECT kind, count(*) AS many FROM alert WHERE resolved_at IS NULL GROUP BY 1 ORDER BY 1"
    )
    state = ", ".join(f"{row['many']} {row['kind']}" for row in rows) or "none open"
    return Finding(what="alerts", well=not rows, state=state, remedy="see /staff/alerts: each says what to do")


ASKED: Final = {
    "migrations": migrations,
    "scheduler": scheduler,
    "worker": worker,
    "privacy worker": privacy_worker,
    "analytics worker": analytics_worker,
    "tasks": oldest_task,
    "dead letters": dead_letters,
    "alerts": alerts,
}


async def valkey(environment: Environment) -> list[Finding]:
    """It only carries hints, so that it must be there is a matter of speed; that it must not evict is not."""
    import redis.asyncio  # noqa: PLC0415
    from redis.exceptions import RedisError, ResponseError  # noqa: PLC0415

    url = environment.get("KALE_VALKEY_URL")
    if not url:
        return [Finding(what="Valkey", well=False, state="not configured", remedy="set KALE_VALKEY_URL")]
    client = redis.asyncio.Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
    try:
        await client.ping()
        try:
            said = await client.config_get("appendonly", "maxmemory-policy")
        except ResponseError:
            said = {"appendonly": "untold", "maxmemory-policy": "untold"}  # managed ones keep that to themselves
    except (RedisError, OSError) as error:
        remedy = "start it; until then orders are found by sweeping, a little later"
        return [Finding(what="Valkey", well=False, state=f"no connection ({type(error).__name__})", remedy=remedy)]
    finally:
        await client.aclose()
    well = said["appendonly"] in {"yes", "untold"} and said["maxmemory-policy"] in {"noeviction", "untold"}
    state = f"append-only {said['appendonly']}, {said['maxmemory-policy']} at {_place(url)}"
    return [Finding(what="Valkey", well=well, state=state, remedy="set appendonly yes and maxmemory-policy noeviction")]


async def stripe(environment: Environment) -> list[Finding]:
    """Whether our key opens the door, at Stripe or at the stand-in."""
    base = environment.get("KALE_STRIPE_API_BASE") or STRIPE
    key = environment.get("KALE_STRIPE_SECRET_KEY", "")
    status = await _get(f"{base}/v1/payment_intents?limit=1", {"Authorization": f"Bearer {key}"})
    what = "Stripe" if base == STRIPE else "Stripe stand-in"
    remedy = "check the network and KALE_STRIPE_SECRET_KEY; orders wait meanwhile"
    return [Finding(what=what, well=status == "200", state=f"{_words(status)} at {_place(base)}", remedy=remedy)]


async def web(environment: Environment) -> list[Finding]:
    base = environment.get("KALE_PUBLIC_URL", "http://127.0.0.1:8000")
    status = await _get(f"{base}/readyz", {})
    remedy = "start ./kale web, or look into its log"
    return [Finding(what="web", well=status == "200", state=f"{_words(status)} at {_place(base)}", remedy=remedy)]


async def _get(url: str, headers: dict[str, str]) -> str:
    import aiohttp  # noqa: PLC0415

    patience = aiohttp.ClientTimeout(total=PATIENCE_S)
    try:
        async with aiohttp.ClientSession(timeout=patience) as session, session.get(url, headers=headers) as answer:
            return str(answer.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__


def _words(status: str) -> str:
    return {"200": "answers"}.get(status, f"answers {status}" if status.isdigit() else f"no answer ({status})")


def _place(url: str) -> str:
    """Where it is, without the password on the way there."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(("", f"{parts.hostname}{port}", "", "", "")).removeprefix("//")
