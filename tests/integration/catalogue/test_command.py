"""`./kale catalogue import` as an owner runs it."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SHEET = ROOT / "local" / "shop" / "catalogue.csv"


@pytest.fixture
def kale(clone, server):
    environment = {
        "PATH": os.defpath,
        "KALE_DATABASE_URL": clone.url(),
        "KALE_VALKEY_URL": "redis://127.0.0.1:1/0",
        "KALE_MASTER_KEY_FILE": str(server.master_key_file),
        "KALE_PICTURES_DIR": str(SHEET.parent / "pictures"),
    }

    def run(*arguments, **but) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "commands", "catalogue", "import", *map(str, arguments)],
            cwd=ROOT,
            env=environment | but,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


def test_the_shop_is_filled_and_a_second_time_nothing_changes(kale):
    first, second = kale(SHEET), kale(SHEET)

    assert first.stdout.startswith("added 2"), first.stderr
    assert second.stdout.startswith("Nothing to change")
    assert (first.returncode, second.returncode) == (0, 0)


def test_bad_rows_are_shown_with_their_lines_and_nothing_is_imported(kale, tmp_path):
    lines = SHEET.read_text().splitlines()
    lines[3] = lines[3].replace(",3.29,", ",-3.29,")
    lines[7] = lines[7].replace(",food,", ",[red]free[/red],")
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join(lines))

    refused = kale(bad)

    assert refused.returncode == 1
    assert refused.stdout == ""
    table = [line.split(maxsplit=2) for line in refused.stderr.splitlines()]
    assert ["4", "price"] in [cells[:2] for cells in table]
    assert ["8", "tax_category"] in [cells[:2] for cells in table]
    assert "nothing was imported" in refused.stderr
    assert kale(SHEET).stdout.startswith("added")


def test_a_picture_that_is_not_there_is_mentioned(kale, tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(SHEET.read_text().replace("leeks.svg", "not-drawn.svg"))

    assert "not-drawn.svg" in kale(sheet).stdout


def test_a_file_that_is_not_there_is_one_sentence(kale, tmp_path):
    missing = kale(tmp_path / "none.csv")

    assert missing.returncode == 1
    assert len(missing.stderr.splitlines()) == 1


def test_a_database_that_is_not_there_is_one_sentence(kale):
    away = kale(SHEET, KALE_DATABASE_URL="postgresql+asyncpg://nobody:x@127.0.0.1:1/none")

    assert away.returncode == 1
    assert len(away.stderr.splitlines()) == 1


def test_the_master_key_stays_out_of_sight(kale, server):
    shown = kale(SHEET)

    assert base64.b64encode(server.master_key_file.read_bytes()).decode() not in shown.stdout + shown.stderr


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no file without an end")
def test_a_file_without_an_end_is_too_large_and_not_read_to_it(kale):
    refused = kale(Path("/dev/zero"))

    assert refused.returncode == 1
    assert "larger than 10 MB" in refused.stderr
