"""The command line itself."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import commands
from commands import __main__ as kale
from kalecart.clock import SystemClock
from kalecart.scheduling import beat
from local import checkup
from local.program import ROOT


def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "commands", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False, timeout=300
    )


def test_help_is_a_map_of_every_command():
    told = ran("--help")

    files = {path.stem for path in Path(commands.__path__[0]).glob("[a-z]*.py")}
    assert told.returncode == 0
    assert all(f" {name} " in told.stdout for name in files)


def test_help_does_not_load_the_shop():
    watch = "import sys, commands.__main__ as kale; kale.assembled(kale.found()); print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", watch], cwd=ROOT, capture_output=True, text=True, check=True)

    assert {"aiohttp", "sqlalchemy", "asyncpg", "stripe", "dramatiq"}.isdisjoint(loaded.stdout.split())


def interrupted_at_once(*, ignores: bool) -> subprocess.CompletedProcess[str]:
    """`ignores` is what it inherits: the tests themselves may have been started in the background of a shell."""
    at_once = (
        f"import os, signal, sys; signal.signal(signal.SIGINT, signal.{'SIG_IGN' if ignores else 'SIG_DFL'}); "
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}); "
        "os.kill(os.getpid(), signal.SIGINT); os.execv(sys.executable, [sys.executable, './kale', '--help'])"
    )
    return subprocess.run([sys.executable, "-c", at_once], cwd=ROOT, capture_output=True, text=True, check=False)


def test_ctrl_c_while_a_command_is_loaded_ends_it_without_a_word():
    ended = interrupted_at_once(ignores=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_whoever_was_started_to_ignore_ctrl_c_ignores_it():
    helped = interrupted_at_once(ignores=True)

    assert (helped.returncode, helped.stderr) == (0, "")


def test_a_command_nobody_placed_comes_last_and_still_works():
    added = ModuleType("commands.zebra")
    added.zebra = lambda: None  # ty: ignore[unresolved-attribute]
    modules = [added, importlib.import_module("commands.up")]

    named = [command.name for command in kale.assembled(modules).registered_commands]

    assert named == ["up", "zebra"]
    assert kale.panel("zebra") == kale.OTHERS


def test_the_doctor_of_a_shop_that_is_not_there_says_how_to_make_one(tmp_path: Path):
    told = ran("doctor", "--data-dir", str(tmp_path))

    assert told.returncode == 1
    assert "./kale up makes one" in told.stderr


async def test_the_doctor_finds_everything_wrong_at_once_and_shows_no_password():
    environment = {
        "KALE_DATABASE_URL": "postgresql+asyncpg://kale_doctor:hidden@127.0.0.1:1/kalecart",
        "KALE_VALKEY_URL": "redis://:hidden@127.0.0.1:1/0",
        "KALE_STRIPE_API_BASE": "http://127.0.0.1:1",
        "KALE_PUBLIC_URL": "http://127.0.0.1:1",
    }

    findings = await checkup.examine(environment, None)

    ill = [finding for finding in findings if not finding.well]
    assert [finding.what for finding in ill] == ["PostgreSQL", "Valkey", "Stripe stand-in", "web"]
    assert all(finding.remedy for finding in ill)
    assert "hidden" not in repr(findings)


async def test_the_doctor_asks_a_database_that_is_there(clone):
    findings = await checkup.database({"KALE_DATABASE_URL": clone.url("kale_doctor")})

    seen = {finding.what: finding.well for finding in findings}
    assert seen == {
        "PostgreSQL": True,
        "migrations": True,
        "scheduler": False,
        "worker": False,
        "privacy": False,
        "analytics": False,
        "tasks": True,
        "dead letters": True,
        "alerts": True,
    }


async def test_the_doctor_does_not_take_a_workers_heartbeat_for_a_schedulers(clone, db):
    await beat("worker:host:1", db=db, now=SystemClock().now())

    findings = await checkup.database({"KALE_DATABASE_URL": clone.url("kale_doctor")})

    seen = {finding.what: finding.well for finding in findings}
    assert (seen["worker"], seen["scheduler"]) == (True, False)


def test_a_package_other_than_locked_is_named(tmp_path: Path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("aiohttp==1.0 \\\n    --hash=sha256:aa\nno-such-package==1 ; sys_platform == 'win32'\n")

    finding = checkup.packages(lock)

    assert not finding.well
    assert finding.state == "other than locked: aiohttp"
