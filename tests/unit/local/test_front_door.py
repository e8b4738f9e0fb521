"""`kale`, the script one meets first: loaded from a copy in a folder of its own, so that it makes its .venv there."""

import ast
import importlib.machinery
import importlib.util
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "kale"
LOAD = """
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
loader = SourceFileLoader("kale", sys.argv[1])
kale = module_from_spec(spec_from_loader("kale", loader))
loader.exec_module(kale)
"""


@pytest.fixture
def kale(tmp_path: Path) -> ModuleType:
    shutil.copy(SCRIPT, tmp_path / "kale")
    (tmp_path / "requirements.lock").write_text("one==1 \\\n    --hash=sha256:aa\ntwo==2 \\\n    --hash=sha256:bb\n")
    (tmp_path / "requirements-dev.lock").write_text("one==1\ntwo==2\nthree==3\n")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    loader = importlib.machinery.SourceFileLoader("kale_under_test", str(tmp_path / "kale"))
    spec = importlib.util.spec_from_loader("kale_under_test", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_an_old_python_can_read_the_script():
    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))


def test_an_old_python_is_told_what_is_missing_in_one_sentence(tmp_path: Path):
    old = f"{LOAD}\nkale.sys = type('Old', (), dict(version_info=(3, 6, 9), stderr=sys.stderr, argv=['kale']))\n"

    told = subprocess.run(
        [sys.executable, "-B", "-c", f"{old}\nsys.exit(kale.main(['up']))", SCRIPT],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 1
    assert told.stderr == (
        "kale: KaleCart needs Python 3.11 or newer, and this is Python 3.6; install a newer one and run ./kale again.\n"
    )


def test_an_old_python_makes_way_for_a_newer_one_on_the_path(tmp_path: Path):
    newer = tmp_path / "python3.12"
    newer.write_text('#!/bin/sh\necho "newer: $2"\n')
    newer.chmod(0o755)
    call = "sys.argv = ['kale', 'up']; kale.use_a_newer_python((3, 9))"

    told = subprocess.run(
        [sys.executable, "-B", "-c", f"{LOAD}\n{call}", SCRIPT],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.stdout == "newer: up\n"


def test_to_load_it_changes_nothing_for_ctrl_c(request: pytest.FixtureRequest):
    def treated() -> object:
        return signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, ())

    before = treated()
    request.getfixturevalue("kale")

    assert treated() == before


def test_what_was_never_installed_is_not_installed(kale: ModuleType):
    assert not kale.installed("requirements.lock")


def test_a_finished_install_is_believed_until_the_lock_changes(kale: ModuleType):
    kale.stamp("requirements.lock")
    believed = kale.installed("requirements.lock")
    (kale.ROOT / "requirements.lock").write_text("one==2\n")

    assert believed
    assert not kale.installed("requirements.lock")


def test_the_development_install_serves_the_shop_too_and_not_the_reverse(kale: ModuleType):
    kale.stamp("requirements.lock")
    enough_for_tests = kale.installed("requirements-dev.lock")
    kale.stamp("requirements-dev.lock")

    assert not enough_for_tests
    assert kale.installed("requirements.lock")
    assert kale.installed("requirements-dev.lock")


def test_an_interrupted_install_is_repeated(kale: ModuleType):
    kale.stamp("requirements.lock")

    kale.forget_stamp()

    assert not kale.installed("requirements.lock")


@pytest.mark.parametrize("torn", ["", '{"requirements.lock"'])
def test_a_torn_stamp_is_no_stamp(kale: ModuleType, torn: str):
    kale.STAMP.write_text(torn)

    assert not kale.installed("requirements.lock")


def test_a_venv_whose_python_is_gone_is_not_installed(kale: ModuleType):
    kale.stamp("requirements.lock")
    kale.PYTHON.unlink()

    assert not kale.installed("requirements.lock")


def test_a_failed_step_says_why_and_where_the_rest_is(kale: ModuleType):
    kale.CACHE.mkdir()
    command = [sys.executable, "-c", "print('ERROR: no wheel for two==2.'); raise SystemExit(1)"]

    with kale.LOG.open("w") as log, pytest.raises(kale.CannotStart) as failure:
        kale.run(command, log, "installing", 2)

    assert str(failure.value) == f"installing failed (ERROR: no wheel for two==2); all of it is in {kale.LOG}."


def test_packages_are_counted_for_the_progress(kale: ModuleType):
    assert kale.count_packages("requirements.lock") == 2


def test_the_stamp_names_what_it_was_made_from(kale: ModuleType):
    kale.stamp("requirements-dev.lock")

    assert json.loads(kale.STAMP.read_text()).keys() == {"requirements.lock", "requirements-dev.lock"}
