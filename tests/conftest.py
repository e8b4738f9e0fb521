"""What tests stand on: one PostgreSQL for the run, a fresh clone of a migrated template for whoever commits."""

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from kalecart.customers import passwords
from kalecart.database import Database
from kalecart.grants import ANALYTICS, PRIVACY, WEB, WORKER
from kalecart.master_keys import FileKeyProvider
from kalecart.vault import Vault, open_vault
from tests.clock import FakeClock
from tests.clones import AsRole, Clones
from tests.prepared import Prepared
from tests.server import Clone, Server, started_server

SERVER_VARIABLE = "KALE_TEST_SERVER"

# How long an example takes says more about the machine's other work than about ours. The house tries the same examples
# every time, so that a run says something about what changed; `--hypothesis-profile=search` looks for new ones.
slow: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("house", **slow, derandomize=True)
settings.register_profile("search", **slow, max_examples=500, print_blob=True)
settings.load_profile("house")


# Enough for the shops of a run side by side, and for everything else on the machine.
MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 4 << 30


def _write_to_memory() -> None:
    """A run makes and removes databases by the dozen: on a disk each takes half a second, in memory a twentieth."""
    if not MEMORY.is_dir() or tempfile.gettempdir() != "/tmp" or not os.access(MEMORY, os.W_OK):
        return
    available = next(
        (
            int(line.split()[1]) << 10
            for line in Path("/proc/meminfo").read_text().splitlines()
            if line.startswith("MemAvailable:")
        ),
        0,
    )
    if min(shutil.disk_usage(MEMORY).free, available) >= MEMORY_BYTES_MIN:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)  # noqa: TID251  # the other processes of the run as well


def pytest_configure(config: pytest.Config) -> None:
    """Start the server once, in the process that controls the run; the others find it through the environment."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    if SERVER_VARIABLE in os.environ:  # noqa: TID251  # a run inside a run stands on the outer one's server
        return
    _write_to_memory()
    folder = Path(tempfile.mkdtemp(prefix="kale-test-"))
    server = started_server(folder)
    os.environ[SERVER_VARIABLE] = server.as_json()  # noqa: TID251  # how one process of the run tells the others

    def stop() -> None:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)

    config.add_cleanup(stop)


# Files whose tests take many seconds each: they begin first, so that none of them runs alone at the end.
LONG = (
    "fault/test_killed_processes.py",
    "browser/test_journeys.py",
    "fault/test_chaos.py",
    "fault/test_teeth.py",
    "integration/local/test_up.py",
    "integration/simulation/test_year.py",
    "integration/simulation/test_verdict.py",
    "integration/bench/test_whole_run.py",
    "fault/test_valkey_away.py",
    "web/test_schemathesis.py",
    "property/test_payment_machine.py",
    "fault/test_killed_privacy_worker.py",
    "integration/deploy/test_compose.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the order of LONG, then all the others in the order they had."""
    here = Path(__file__).parent
    places = {here / name: place for place, name in enumerate(LONG)}
    assert all(path.exists() for path in places), "LONG names a file that is no more"
    items.sort(key=lambda item: places.get(item.path, len(LONG)))


def pytest_collection_finish() -> None:
    """What was imported stays to the end: to look through it again and again was a fifth of what tests cost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def server() -> Server:
    return Server.from_json(os.environ[SERVER_VARIABLE])  # noqa: TID251  # see pytest_configure


@pytest.fixture(scope="session")
def prepared(server: Server) -> Prepared:
    return Prepared(Path(server.folder) / "prepared")


@pytest_asyncio.fixture(scope="session")
async def clones(server: Server) -> AsyncIterator[Clones]:
    clones = Clones(server)
    yield clones
    await clones.closed()


@pytest.fixture
def quick_passwords() -> Iterator[None]:
    """Hashes that cost a five-hundredth: people come in by the dozen. tests/unit/customers has the real ones."""
    with passwords.costing(passes=1, memory_kib=64):
        yield


@pytest_asyncio.fixture
async def clone(clones: Clones, quick_passwords: None) -> AsyncIterator[Clone]:
    """A database of one's own, migrated, with roles: for verbs, which commit."""
    clone = await clones.taken()
    yield clone
    await clones.given_back(clone)


@pytest.fixture
def as_role(clones: Clones, clone: Clone) -> AsRole:
    """The clone as a process sees it: with its own log-in and no more rights."""
    return partial(clones.as_role, clone)


@pytest.fixture
def as_web(as_role: AsRole) -> Database:
    return as_role(WEB)


@pytest.fixture
def as_worker(as_role: AsRole) -> Database:
    return as_role(WORKER)


@pytest.fixture
def as_privacy(as_role: AsRole) -> Database:
    return as_role(PRIVACY)


@pytest.fixture
def as_analytics(as_role: AsRole) -> Database:
    return as_role(ANALYTICS)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def db(clones: Clones, clone: Clone) -> Database:
    """The clone as its owner sees it: tests of rules use this, tests of rights log in as the roles."""
    return clones.as_role(clone, None)


@pytest_asyncio.fixture
async def vault(db: Database, server: Server) -> Vault:
    return await open_vault(db, FileKeyProvider(server.master_key_file))
