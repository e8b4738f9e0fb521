"""The shop that lives the year: every process's part of it under its own log-in, on one time, in one process."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from pydantic import SecretStr

from kalecart.allowances import Allowances
from kalecart.database import Database
from kalecart.master_keys import FileKeyProvider
from kalecart.payments.stripe import StripeGateway
from kalecart.runtime import Runtime
from kalecart.settings import Settings
from kalecart.vault import Vault, open_vault
from simulation.bank import Bank, open_bank
from simulation.clock import Time, Wall
from simulation.emails import COMPLAINTS, SENDER
from simulation.mailbag import Mailbag
from simulation.post import Letterbox

# Who acts in the shop, and as which role; the owner restocks.
PROCESSES: Final = {
    "web": "web",
    "worker": "worker",
    "privacy": "privacy",
    "analytics": "analytics",
    "north": "scheduler",
    "south": "scheduler",
    "owner": "owner",
}
NO_VALKEY: Final = "redis://127.0.0.1:1/0"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the shop is: a migrated database, by role, and what lies beside it."""

    url_of: Callable[[str], str]
    master_key_file: Path
    stripe_secret: str = "sk_test_kalecart"  # noqa: S105  # the stand-in opens to any
    webhook_secret: str = "whsec_simulated"  # noqa: S105  # of the stand-in
    journal: Path | None = None
    anchor_file: Path | None = None
    tombstone_file: Path | None = None


class _StillPulse:
    """Valkey is not there: workers claim from PostgreSQL, and nobody pushes hints."""

    away = True
    waiting: dict[str, int] = {}  # noqa: RUF012  # never changed


class NoHints:
    """What is due is found by looking."""

    pulse = _StillPulse()

    def hint(self, _task_id: object, _topic: str) -> None:
        """Nobody listens."""


@dataclass(kw_only=True)
class Shop:
    """`at` has what each process is made of, with a clock of its own in `walls`."""

    place: Place
    time: Time
    walls: dict[str, Wall]
    at: dict[str, Runtime]
    bank: Bank
    post: Letterbox
    mailbag: Mailbag
    down: set[str] = field(default_factory=set)
    # Tries are counted by the machine's clock: each simulated day begins with a fresh count.
    allowances: Allowances = field(default_factory=lambda: Allowances(NO_VALKEY))

    @property
    def web(self) -> Runtime:
        return self.at["web"]

    @property
    def vault(self) -> Vault:
        return self.web.vault

    async def fresh_tries(self) -> None:
        """A day began: nobody has tried anything yet."""
        await self.allowances.close()
        self.allowances = Allowances(NO_VALKEY)

    def web_given(self, *names: str) -> dict[str, Any]:
        """Of what the web is made of, what a verb asks for by these names."""
        known: dict[str, Any] = {
            "db": self.web.db,
            "vault": self.vault,
            "clock": self.web.clock,
            "gateway": self.web.gateway,
        }
        known |= {"dispatcher": self.web.dispatcher, "terms": self.web.settings.terms, "allowances": self.allowances}
        return {name: known[name] for name in names}


@asynccontextmanager
async def open_shop(place: Place, start: datetime, *, seed: int) -> AsyncGenerator[Shop]:
    """Everything, for as long as the block lasts; the time is `start`."""
    moved = Time(start)
    async with AsyncExitStack() as opened:
        bank = await opened.enter_async_context(open_bank(moved, Random(f"{seed}:bank"), journal=place.journal))
        gateway = await opened.enter_async_context(
            StripeGateway.open(
                place.stripe_secret, api_base=bank.url, webhook_secret=place.webhook_secret, shop_url="http://shop.test"
            )
        )
        dbs = {name: _database(place, name, role) for name, role in PROCESSES.items()}
        for db in dbs.values():
            opened.push_async_callback(db.close)
        vault = await open_vault(dbs["web"], FileKeyProvider(place.master_key_file))
        post, walls = Letterbox(seed), {name: Wall(moved) for name in PROCESSES}
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="kalecart-mailbox-")))
        mailbag = Mailbag(folder, Random(f"{seed}:mailbox"))
        hints: Any = NoHints()
        settings = _settings(place, bank.url)
        at = {
            name: Runtime(
                db=dbs[name],
                clock=walls[name],
                vault=vault,
                gateway=gateway,
                dispatcher=hints,
                settings=settings,
                postman=post,
                mailbox=mailbag,
            )
            for name in PROCESSES
        }
        yield Shop(place=place, time=moved, walls=walls, at=at, bank=bank, post=post, mailbag=mailbag)


def _database(place: Place, name: str, role: str) -> Database:
    return Database(place.url_of(role), pool_size_max=4, application=f"kalecart simulated {name}")


def _settings(place: Place, stripe_url: str) -> Settings:
    return Settings(
        database_url=SecretStr("unused"),
        valkey_url=SecretStr(NO_VALKEY),
        master_key_file=place.master_key_file,
        tombstone_file=place.tombstone_file,
        anchor_file=place.anchor_file,
        stripe_api_base=stripe_url,
        mail_from=f"KaleCart <{SENDER}>",
        complaints_address=COMPLAINTS,
        demo=True,
    )
