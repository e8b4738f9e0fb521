"""What `./kale doctor privacy` finds: the register held against the running shop, and whether all is gone on time."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import redis.asyncio

from kalecart.controls import last_runs
from kalecart.database import Database
from kalecart.privacy.examine import Gap, examine, strangers
from kalecart.privacy.keep_no_longer import CONTROL
from kalecart.privacy.register import FILES, REGISTER, VALKEY

ANSWER_WITHIN_S: Final = 5.0
KEYS_MAX: Final = 100_000
NAMED_MAX: Final = 20


@dataclass(frozen=True, kw_only=True)
class PrivacyReport:
    """`gaps` names each thing that is not as the register has it. No value of anybody's is ever read into it."""

    tables: int
    columns: int
    valkey_keys: int
    files: int
    gaps: Sequence[Gap]

    @property
    def well(self) -> bool:
        return not self.gaps

    def as_json(self) -> dict[str, Any]:
        looked = {"tables": self.tables, "columns": self.columns, "valkey_keys": self.valkey_keys}
        looked["files"] = self.files
        return {"well": self.well, **looked, "gaps": [{"what": gap.what, "where": gap.where} for gap in self.gaps]}


async def examine_privacy(*, db: Database, valkey_url: str, data_dir: Path | None = None) -> PrivacyReport:
    """Reads only, and of the data only the names of JSON keys. A shop with a data folder has its files looked at."""
    async with db.snapshot() as tx:
        gaps = await examine(tx)
        kept = (await last_runs(tx)).get(CONTROL)
    if kept is not None and not kept.passed:
        gaps.append(Gap(what=f"Kept too long ({kept.detail})", where=f"retention, {kept.ran_at:%Y-%m-%d %H:%M} UTC"))
    try:
        keys = await _valkey_keys(valkey_url)
    except (redis.RedisError, OSError):
        keys, gaps = [], [*gaps, Gap(what="Valkey did not answer: nothing is said about its keys", where="valkey")]
    strange = strangers(keys, VALKEY)
    gaps += [Gap(what="Valkey key nobody has described", where=key) for key in strange[:NAMED_MAX]]
    files = await asyncio.to_thread(lambda: list(_files(data_dir))) if data_dir else []
    gaps += [Gap(what="file nobody has described", where=name) for name in strangers(files, FILES)[:NAMED_MAX]]
    return PrivacyReport(
        tables=len(REGISTER),
        columns=sum(len(table.columns) for table in REGISTER.values()),
        valkey_keys=len(keys),
        files=len(files),
        gaps=gaps,
    )


def _files(folder: Path) -> Iterator[str]:
    """Every file by its path from there; the database's folder counts as one, and may belong to another account."""
    for root, below, names in os.walk(folder):
        here = Path(root).relative_to(folder)
        if here == Path() and "postgres" in below:
            below.remove("postgres")
            yield "postgres"
        yield from ((here / name).as_posix() for name in names)


async def _valkey_keys(url: str) -> list[str]:
    async with redis.asyncio.Redis.from_url(
        url, socket_timeout=ANSWER_WITHIN_S, socket_connect_timeout=ANSWER_WITHIN_S, decode_responses=True
    ) as client:
        found = []
        async for key in client.scan_iter(count=1_000):
            found.append(key)
            if len(found) == KEYS_MAX:
                break
        return found
