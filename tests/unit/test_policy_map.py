"""docs/policy.md may only name what exists."""

import re
from pathlib import Path

import pytest

from kalecart.openness.promises import promises

ROOT = Path(__file__).resolve().parents[2]
ROWS = [line for line in (ROOT / "docs/policy.md").read_text().splitlines() if re.match(r"\| C\d+ ", line)]
TESTS = {
    name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
}


def test_every_clause_has_its_row_in_order() -> None:
    assert [re.findall(r"C\d+", row)[0] for row in ROWS] == [f"C{number}" for number in range(1, 16)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split()[1])
def test_a_row_names_files_and_tests_that_exist(row: str) -> None:
    _, _, enforced, proven, _, _ = row.split("|")
    named = re.findall(r"`(test_\w+)`", proven)

    assert named
    assert set(named) <= TESTS
    for path in re.findall(r"`([\w/]+\.py)`", enforced):
        assert (ROOT / path).is_file(), path


def test_the_page_shows_every_row_and_links_only_to_addresses() -> None:
    assert [promise.number for promise in promises()] == list(range(1, 16))
    for promise in promises():
        tests = [part.text for part in promise.proven if part.kind == "code"]
        assert tests, promise.clause
        assert set(tests) <= TESTS, promise.clause
        assert all(part.text.startswith("/") for part in promise.evidence if part.kind == "address")
