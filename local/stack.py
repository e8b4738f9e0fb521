"""The parts of a running shop, as programs: which command, which environment, what tells that it is ready."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.environment import environment, plain
from local.folder import Folder
from local.ports import HOST
from local.postgres import Cluster
from local.program import Program
from local.readiness import SaysReady, all_of, answers
from local.secrets import OWNER_ROLE, Secrets
from local.valkey import Store

WORKERS: Final = ("worker-1", "worker-2")
STORES_WAVE: Final = 0
SHOP_WAVE: Final = 1
# What they say once a port is theirs: another shop that has it answers as well.
WEB_SERVES: Final = b'"serving"'
STAND_IN_SERVES: Final = b"stripesim: http"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One copy of the shop. `stripe` holds the keys of a real test account, or nothing where the stand-in is used."""

    folder: Folder
    secrets: Secrets
    ports: Mapping[str, int]
    stripe: Mapping[str, str]
    cluster: Cluster

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.ports['web']}"

    def environment(self, role: str) -> dict[str, str]:
        told = environment(self.secrets, self.ports, role, stripe=self.stripe)
        return told | {"KALE_ANCHOR_FILE": str(self.folder.anchors)}

    def postgres(self) -> Program:
        return self.cluster.program()

    def valkey(self) -> Program:
        return Store(data=self.folder.valkey, port=self.ports["valkey"], password=self.secrets.valkey).program()

    def stand_in(self) -> Program | None:
        """The Stripe stand-in, unless Stripe itself is used."""
        if self.stripe:
            return None
        port = self.ports["stripesim"]
        books = ("--journal", str(self.folder.stripe_journal))
        hook = ("--webhook-url", f"{self.url}/stripe/webhook")
        says = SaysReady(self._log("stripesim"), STAND_IN_SERVES)
        return Program(
            name="stripesim",
            argv=(sys.executable, "-m", "stripesim", "--port", str(port), *books, *hook),
            environment=plain() | {"STRIPESIM_WEBHOOK_SECRET": self.secrets.stripe_webhook},
            before=says.begin,
            ready=all_of(says.ready, answers(port, "/_sim/health")),
            wave=STORES_WAVE,
        )

    def migrate(self) -> Program:
        return self._command("migrate", "migrate")

    def seed(self) -> Program:
        return self._command("seed", "seed", "--log-ins", str(self.folder.demo))

    def shop(self) -> tuple[Program, ...]:
        """What runs once the stores are there and migrated."""
        says = SaysReady(self._log("web"), WEB_SERVES)
        web = Program(
            name="web",
            argv=(sys.executable, "-m", "web"),
            environment=self.environment("web"),
            before=says.begin,
            ready=all_of(says.ready, answers(self.ports["web"], "/readyz")),
            wave=SHOP_WAVE,
        )
        workers = (self._silent(name, "workers", "worker") for name in WORKERS)
        privacy = self._silent("privacy-worker", "workers", "privacy", "privacy")
        analytics = self._silent("analytics-worker", "workers", "analytics", "analytics")
        return (web, *workers, privacy, analytics, self._silent("scheduler", "scheduler", "scheduler"))

    def _silent(self, name: str, module: str, role: str, *arguments: str) -> Program:
        says = SaysReady(self._log(name))
        return Program(
            name=name,
            argv=(sys.executable, "-m", module, *arguments),
            environment=self.environment(role),
            before=says.begin,
            ready=says.ready,
            wave=SHOP_WAVE,
        )

    def _command(self, name: str, *arguments: str) -> Program:
        argv = (sys.executable, "-m", "commands", *arguments)
        return Program(name=name, argv=argv, environment=self.environment(OWNER_ROLE), wave=SHOP_WAVE)

    def _log(self, name: str) -> Path:
        return self.folder.logs / f"{name}.log"
