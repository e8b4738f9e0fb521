"""Our own PostgreSQL, as whoever runs the tests: root or an ordinary user."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from local import processes
from local.postgres import RunningPostgres, clear_pid_file, running_postgres
from local.program import Identity
from local.rootless import settle
from local.wheels import postgres_binary


@pytest_asyncio.fixture
async def postgres(tmp_path: Path) -> AsyncIterator[RunningPostgres]:
    async with running_postgres(tmp_path / "server", durable=False) as server:
        yield server


def dsn(server: RunningPostgres, password: str | None = None) -> str:
    return server.url(password=password).replace("+asyncpg", "")


async def asked(server: RunningPostgres, statement: str) -> object:
    connection = await asyncpg.connect(dsn(server))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_it_serves_this_machine_only_with_checksums_and_wants_the_password(postgres: RunningPostgres):
    told = await asked(postgres, "SELECT current_setting('server_encoding') || current_setting('data_checksums')")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(dsn(postgres, password="guess"))

    assert told == "UTF8on"
    assert await asked(postgres, "SHOW listen_addresses") == "127.0.0.1"
    assert await asked(postgres, "SHOW unix_socket_directories") == ""


async def test_its_log_never_repeats_a_statement_or_a_value(postgres: RunningPostgres):
    with pytest.raises(asyncpg.PostgresError):
        await asked(postgres, "SELECT 'ada@example.com'::int")

    assert "ada@example" not in postgres.log.read_text()


async def test_what_was_committed_survives_kill_9(tmp_path: Path):
    async with running_postgres(tmp_path / "server") as server:
        await asked(server, "CREATE TABLE kept AS SELECT 42 AS answer")

        await server.kill()
        await server.start()

        assert await server.until_ready()
        assert await asked(server, "SELECT answer FROM kept") == 42


async def test_it_stops_though_a_client_stays_connected(postgres: RunningPostgres):
    connection = await asyncpg.connect(dsn(postgres))

    await postgres.stop()

    assert postgres.status == 0
    assert "immediate shutdown" not in postgres.log.read_text()  # as whoever waits for the client is asked for
    connection.terminate()


@pytest.mark.parametrize("stranger", ["a process of somebody else", "nobody"])
async def test_a_stale_pid_file_is_not_believed(tmp_path: Path, stranger: str):
    async with running_postgres(tmp_path / "server", durable=False) as server:
        await server.kill()
        other = await asyncio.create_subprocess_exec("sleep", "60")
        pid_file = server.cluster.data / "postmaster.pid"
        number = other.pid if stranger != "nobody" else 2**22 - 1
        pid_file.write_text(f"{number}\n" + pid_file.read_text().split("\n", 1)[1])

        await server.start()
        ready = await server.until_ready()
        spared = other.returncode is None
        other.kill()
        await other.wait()

        assert ready
        assert spared


async def test_an_orphaned_server_on_the_same_folder_is_stopped_first(postgres: RunningPostgres):
    before = postgres.running
    assert before is not None

    await clear_pid_file(postgres.cluster.data)
    await postgres.wait()
    await postgres.start()

    assert not before.alive()
    assert await postgres.until_ready()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child that its parent died")
async def test_it_ends_with_whoever_started_it(tmp_path: Path):
    script = """
import asyncio, sys
from pathlib import Path
from local.postgres import running_postgres
async def main():
    async with running_postgres(Path(sys.argv[1]), durable=False) as server:
        print(server.running.pid, flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(tmp_path / "server"), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 120))
    server = processes.Running(name="postgres", pid=pid, born=processes.born(pid) or "")

    parent.kill()
    await parent.wait()

    assert await processes.gone(server, 120)


async def test_no_permission_of_a_folder_that_was_there_changes(tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    places = [home, tmp_path, postgres_binary("postgres").parent]
    before = [stat.S_IMODE(place.stat().st_mode) for place in places]

    async with running_postgres(home / "server", durable=False) as server:
        assert await asked(server, "SELECT 1") == 1

    assert [stat.S_IMODE(place.stat().st_mode) for place in places] == before


async def test_an_interrupted_first_start_leaves_nothing_that_looks_finished(tmp_path: Path):
    half = tmp_path / "server" / "postgres.making"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    async with running_postgres(tmp_path / "server", durable=False) as server:
        assert await asked(server, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root has a test of its own")
def test_an_ordinary_user_runs_it_as_is(tmp_path: Path):
    assert settle(tmp_path / "postgres", postgres_binary("postgres")) == (Identity(), tmp_path / "postgres")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
async def test_root_leaves_no_file_of_a_strange_owner_behind(tmp_path: Path):
    async with running_postgres(tmp_path / "server", durable=False) as server:
        data = server.cluster.data

        assert await asked(server, "SELECT 1") == 1
        await server.stop()  # while it runs, files come and go between two looks
        assert {path.stat().st_uid for path in data.rglob("*")} == {data.stat().st_uid}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.skipif(
    subprocess.run(
        ["su", "nobody", "-s", "/bin/sh", "-c", f"{postgres_binary('postgres')} -V"], capture_output=True, check=False
    ).returncode
    != 0,
    reason="the account nobody cannot reach this .venv",
)
async def test_data_of_an_ordinary_account_is_served_as_that_account(tmp_path: Path):
    """Where namespaces are forbidden an earlier start made it for `nobody`, outside of root's folders."""
    elsewhere = tmp_path / "server" / "postgres.elsewhere"
    place = Path("/tmp") / f"kalecart-test-{os.getpid()}"
    place.mkdir()
    os.chown(place, 65534, -1)
    elsewhere.parent.mkdir()
    elsewhere.write_text(str(place))

    async with running_postgres(tmp_path / "server", durable=False) as server:
        assert server.cluster.identity.uid == 65534
        assert await asked(server, "SELECT 1") == 1

    assert not place.exists()
