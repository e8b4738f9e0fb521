"""The shop one finds after `./kale up`, and the owner's commands."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from typer.testing import CliRunner, Result

import commands.staff
from commands.__main__ import assembled
from commands.migrate import _publish
from kalecart.catalogue.tables import product
from kalecart.customers.tables import customer
from kalecart.database import Database
from kalecart.policy.tables import policy_version
from kalecart.settings import Settings
from kalecart.staff.tables import staff
from kalecart.windows.tables import delivery_window
from local.demonstration import ADMINISTRATOR, MANAGER, PICKER, SHOPPER, read_sheet, seed, write_log_ins
from local.owner import Owner, open_owner
from local.program import ROOT, CannotStart
from tests.clock import FakeClock
from tests.people import NO_VALKEY, a_door

Run = Callable[..., Result]


@pytest.fixture
def settings(clone: Any, server: Any) -> Settings:
    return Settings(
        database_url=SecretStr(clone.url()),
        valkey_url=SecretStr(NO_VALKEY),
        master_key_file=server.master_key_file,
        demo=True,
    )


@pytest.fixture
def environment(clone: Any, server: Any) -> dict[str, str]:
    """What the owner of the clone has around them."""
    return {
        "KALE_DATABASE_URL": clone.url(),
        "KALE_VALKEY_URL": NO_VALKEY,
        "KALE_MASTER_KEY_FILE": str(server.master_key_file),
        "KALE_DEMO": "true",
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """The command line inside this process, which has read what a new one would read for seconds."""
    kale = assembled([commands.staff])

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(kale, arguments, input=typed, env=environment)

    return run


async def counted(owner: Owner, *tables: sa.Table) -> list[int]:
    async with owner.db.snapshot() as tx:
        return [await tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables]


async def test_a_demonstration_has_shelves_windows_a_policy_and_four_people_and_twice_is_once(
    settings: Settings, clock: FakeClock
):
    async with open_owner(settings) as owner:
        assert await seed(owner, clock=clock) == [SHOPPER, MANAGER, PICKER, ADMINISTRATOR]
        once = await counted(owner, product, delivery_window, policy_version, customer, staff)
        assert await seed(owner, clock=clock) == [SHOPPER, MANAGER, PICKER, ADMINISTRATOR]
        assert await counted(owner, product, delivery_window, policy_version, customer, staff) == once

        assert once[0] >= 150
        assert once[1] > 0
        assert once[2:] == [2, 1, 3]
        door = await a_door(owner.db, owner.vault, clock)
        assert await door.logs_in(email=SHOPPER.email, password=SHOPPER.password)


async def test_a_real_shop_gets_no_log_in_that_everybody_knows(settings: Settings, clock: FakeClock):
    async with open_owner(settings) as owner:
        real = replace(owner, settings=settings.model_copy(update={"demo": False}))

        assert await seed(real, clock=clock) == []
        assert await counted(real, customer, staff) == [0, 0]


async def test_migrating_publishes_the_policy_without_which_nobody_can_sign_up(clone: Any, db: Database):
    for _ in range(2):
        await _publish(clone.url())

    async with db.snapshot() as tx:
        versions = sa.select(policy_version.c.version).order_by(policy_version.c.version)
        assert (await tx.scalars(versions)).all() == ["2026-11-01", "2026-12-01"]


def test_the_log_ins_are_written_whole_and_for_the_owner_only(tmp_path: Path):
    path = tmp_path / "demo.json"

    write_log_ins(path, [SHOPPER, MANAGER])

    assert [entry["role"] for entry in json.loads(path.read_text())] == ["shopper", "manager"]
    assert set(json.loads(path.read_text())[0]) == {"role", "email", "password"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_sheet_that_cannot_be_imported_says_why(tmp_path: Path):
    with pytest.raises(CannotStart, match="cannot be read"):
        read_sheet(tmp_path / "none.csv")
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CannotStart, match="line 1"):
        read_sheet(tmp_path / "wrong.csv")


def test_the_command_seeds_and_writes_the_log_ins(environment: dict[str, str], tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "commands", "seed", "--log-ins", str(tmp_path / "demo.json")],
        env=environment | {"PATH": "/usr/bin:/bin"}, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout.splitlines()[-1:], done.stderr) == (0, ["seeded"], "")
    assert len(json.loads((tmp_path / "demo.json").read_text())) == 4


def test_the_owner_adds_staff_and_is_told_what_is_wrong(run: Run):
    asked = ("staff", "add", "maya@example.com", "--role", "orders", "--name", "Maya Ortiz")

    weak = run(*asked, typed="password123\n")
    added = run(*asked, typed="seven ripe quinces\n")
    again = run(*asked, typed="seven ripe quinces\n")

    assert (weak.exit_code, weak.stderr.startswith("kale: password: ")) == (1, True)
    assert (added.exit_code, added.stdout) == (0, "maya@example.com can log in at /staff/log-in as orders.\n")
    assert (again.exit_code, again.stderr.startswith("kale: There is a member of staff")) == (1, True)
    assert "Traceback" not in weak.stderr + again.stderr


def test_without_a_shop_the_owner_is_told_how_to_make_one(tmp_path: Path):
    asked = ("staff", "add", "maya@example.com", "--role", "orders", "--name", "Maya", "--data-dir", str(tmp_path))

    bare = CliRunner().invoke(assembled([commands.staff]), asked, input="seven ripe quinces\n")

    assert bare.exit_code == 1
    assert bare.stderr.startswith("kale: there is no shop in")
