"""A year in a data folder that `./kale up` can open afterwards: the shop lives it, and all is judged."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from kalecart.customers import passwords
from kalecart.master_keys import FileKeyProvider
from kalecart.migrate import migrate
from local.demonstration import ADMINISTRATOR, MANAGER, PICKER, SHOPPER, write_log_ins
from local.environment import database_url
from local.folder import Folder, empty, held, record_running, take_ports
from local.postgres import make_durable, open_cluster
from local.program import CannotStart
from local.secrets import OWNER_ROLE, PROCESS_ROLES, open_secrets
from local.supervisor import Supervisor
from local.up import Say
from simulation.facts import counted, digest
from simulation.finding import Finding
from simulation.shop import Place, open_shop
from simulation.verdict import verdict
from simulation.year import Lived, Plan, live

TELL_EVERY_S: Final = 5.0


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A year, what was found, and the digest by which it is known again."""

    # Not written out: asyncio's runner writes out what its task returned when it hands the signals back.
    lived: Lived = field(repr=False)
    findings: Sequence[Finding]
    facts: Mapping[str, int]
    digest: str
    # Processor time: of this process, and of PostgreSQL where the year had a server of its own.
    process_s: float
    server_s: float = 0.0

    @property
    def well(self) -> bool:
        return all(finding.holds for finding in self.findings)


async def judged(plan: Plan, place: Place, *, say: Say) -> Judged:
    """Live it and look at what is left of it."""
    began = time.process_time()
    async with open_shop(place, plan.start, seed=plan.seed) as shop:
        # Hundreds come in with the same one, which lies beside the shop; whoever logs in later hashes it anew.
        with passwords.costing(passes=1, memory_kib=64):
            done = await live(plan, shop, say=say)
        findings = await verdict(done)
        async with shop.at["owner"].db.snapshot() as tx:
            facts, known_by = await counted(tx), await digest(tx)
    spent = time.process_time() - began
    return Judged(lived=done, findings=findings, facts=facts, digest=known_by, process_s=spent)


async def simulate(plan: Plan, data_dir: Path, *, fresh: bool, say: Say) -> Judged:
    """In a folder of its own. Raises CannotStart where there is a shop already."""
    with held(data_dir) as folder:
        if fresh:
            empty(folder)
        if folder.data_exists():
            raise CannotStart(f"there is a shop in {folder.path}; begin anew with --fresh, or name another --data-dir.")
        before = _spent_by_children()
        async with _founded(folder, say) as place:
            judgement = await judged(plan, place, say=say)
        judgement = replace(judgement, server_s=_spent_by_children() - before)
        write_log_ins(folder.demo, [SHOPPER, MANAGER, PICKER, ADMINISTRATOR])
    return judgement


def _spent_by_children() -> float:
    """Of those that have ended."""
    spent = os.times()
    return spent.children_user + spent.children_system


@asynccontextmanager
async def _founded(folder: Folder, say: Say) -> AsyncGenerator[Place]:
    """PostgreSQL of a migrated shop without Valkey or processes: the year needs neither."""
    ports = take_ports(folder, 0)
    secrets = open_secrets(folder.secrets, data_exists=False)
    # Nobody was promised anything in a year that a power cut ends: it reaches the disk when it has been lived.
    cluster = await open_cluster(
        folder.postgres, port=ports["postgres"], password=secrets.password(OWNER_ROLE), durable=False
    )
    supervisor = Supervisor(folder.logs, say=say, record=partial(record_running, folder))
    try:
        await supervisor.start(cluster.program())
        passwords = {f"kale_{role}": secrets.password(role) for role in PROCESS_ROLES}
        owner_url = database_url(secrets, ports, OWNER_ROLE)
        await migrate(owner_url, passwords=passwords, provider=FileKeyProvider(secrets.master_key_file))
        yield Place(
            url_of=partial(database_url, secrets, ports),
            master_key_file=secrets.master_key_file,
            stripe_secret=secrets.stripe_secret,
            webhook_secret=secrets.stripe_webhook,
            journal=folder.stripe_journal,
            anchor_file=folder.anchors,
            tombstone_file=folder.tombstones,
        )
    finally:
        await supervisor.stop()
        await asyncio.to_thread(make_durable, cluster)
