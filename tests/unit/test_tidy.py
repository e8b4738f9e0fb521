"""The house's habits, held by a machine so that a review can be about the work.

Everything here is read from the files; nothing is imported, so a file that cannot be imported is tidy or not all the
same.
"""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kalecart", "web", "workers", "scheduler", "commands", "local", "stripesim", "bench", "chaos", "simulation")
MODULE_LINES_MAX = 300
TEST_LINES_MAX = 400
FUNCTION_LINES_MAX = 40
TEST_NAME_WORDS_MIN = 4  # the word `test` included

# What a module is about has a name of its own; these name a drawer.
JUNK_DRAWERS = {
    "util",
    "helper",
    "common",
    "misc",
    "manager",
    "service",
    "base",
    "core",
    "lib",
    "shared",
    "tool",
    "stuff",
}
JUNK_DRAWERS |= {f"{name}s" for name in JUNK_DRAWERS}
# Written apart, so that this file does not find itself.
UNFINISHED = re.compile(rf"\b({'TO' + 'DO'}|{'FIX' + 'ME'}|{'X' * 3}|{'HA' + 'CK'})\b")
INDEX_HOSTS = re.compile(rf"{'py' + 'pi'}[.]org|{'python' + 'hosted'}|{'npm' + 'js'}[.]|{'crates'}[.]io")
MACHINE_PATHS = re.compile(rf"(?<![\w.])/({'wo' + 'rk'}|{'ro' + 'ot'})/")
SUPPRESSION = re.compile(r"#\s*(noqa|ty: ignore|type: ignore)(?:\s*[:\[]\s*([A-Za-z0-9, -]+)\]?)?(.*)$")
READ_BY_PEOPLE = {".py", ".md", ".toml", ".yml", ".yaml", ".html", ".css", ".js", ".lock", ".txt", ".cfg", ".mako", ""}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or is about to be, part of the project."""
    if shutil.which("git") is None:
        return tuple(path for path in sorted(ROOT.rglob("*")) if path.is_file() and not _left_out(path))
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file())


def _left_out(path: Path) -> bool:
    """What .gitignore names, on a machine where nobody else reads it."""
    ignored = {name.rstrip("/") for name in (ROOT / ".gitignore").read_text(encoding="utf-8").split()} | {".git"}
    return any(part in ignored or part.endswith(".pyc") for part in path.relative_to(ROOT).parts)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*tops: str) -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in tops]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name_of(path))


@cache
def functions(path: Path) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    return tuple(node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


SOURCES = [path for path in python_files(*PACKAGES) if "migrations/versions" not in name_of(path)]
TESTS = python_files("tests")


def test_a_module_is_small_enough_to_be_read_whole() -> None:
    assert {name_of(path): len(lines_of(path)) for path in SOURCES if len(lines_of(path)) > MODULE_LINES_MAX} == {}


def test_a_function_is_small_enough_to_be_read_at_a_glance() -> None:
    lengths = {
        f"{name_of(path)}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in SOURCES
        for function in functions(path)
    }

    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES_MAX} == {}


def test_no_file_of_tests_is_too_long_to_be_read() -> None:
    assert [name_of(path) for path in TESTS if len(lines_of(path)) > TEST_LINES_MAX] == []


def test_no_module_is_a_junk_drawer() -> None:
    found = [name_of(path) for path in SOURCES + TESTS if JUNK_DRAWERS & set(path.stem.lower().split("_"))]
    folders = {name_of(path.parent) for path in SOURCES + TESTS if path.parent.name in JUNK_DRAWERS}

    assert (found, folders) == ([], set())


def test_nothing_is_left_for_later_in_a_comment() -> None:
    texts = [path for path in tracked() if path.suffix in READ_BY_PEOPLE - {".lock"}]

    assert [
        f"{name_of(path)}:{number}"
        for path in texts
        for number, line in enumerate(lines_of(path), 1)
        if UNFINISHED.search(line)
    ] == []


def silent_suppressions(path: Path) -> Iterator[str]:
    """Those of a rule whose first suppression in the file gives no reason, as ` - why` or `  # why`."""
    explained: set[str] = set()
    for number, line in enumerate(lines_of(path), 1):
        if (found := SUPPRESSION.search(line)) is None:
            continue
        rules, _, dashed = (found.group(2) or "").partition(" - ")
        if re.search(r"\w{2}", dashed + found.group(3)):
            explained.add(rules.strip())
        elif rules.strip() not in explained:
            yield f"{name_of(path)}:{number} {rules.strip() or 'everything'}"


def test_whoever_suppresses_a_rule_says_why() -> None:
    assert [silent for path in SOURCES for silent in silent_suppressions(path)] == []


@pytest.mark.parametrize("section", ["ignore = [", "[tool.ruff.lint.per-file-ignores]"])
def test_whatever_the_linter_ignores_everywhere_has_its_reason(section: str) -> None:
    lines = lines_of(ROOT / "pyproject.toml")
    begin = lines.index(section) + 1
    end = next(number for number in range(begin, len(lines)) if lines[number] in {"]", ""})

    assert [line for line in lines[begin:end] if line.strip() and "#" not in line] == []


def test_the_name_of_a_test_is_a_sentence() -> None:
    named = [f"{name_of(path)}:{f.name}" for path in TESTS for f in functions(path) if f.name.startswith("test_")]

    assert [name for name in named if len(name.partition(":")[2].split("_")) < TEST_NAME_WORDS_MIN] == []


def dotted(node: ast.expr) -> str:
    """`datetime.now`; empty for what is not a name, or a name of a name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def calls(path: Path) -> tuple[tuple[str, ast.Call], ...]:
    return tuple((dotted(node.func), node) for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def test_tests_neither_sleep_nor_patch() -> None:
    banned = {"time.sleep", "mock.patch", "monkeypatch.setattr", "unittest.mock.patch", "patch", "mock.Mock", "Mock"}

    assert [name_of(path) for path in TESTS for called, _ in calls(path) if called in banned] == []


def test_wall_time_comes_from_the_clock() -> None:
    banned = {"datetime.now", "datetime.utcnow", "date.today", "datetime.today"}
    modules = python_files("kalecart", "web", "workers", "scheduler")

    assert {name_of(path) for path in modules for called, _ in calls(path) if called in banned} == {"kalecart/clock.py"}


def test_an_event_in_the_log_is_a_constant() -> None:
    logged = re.compile(r"log\.(debug|info|warning|error|exception)")

    assert [
        f"{name_of(path)}:{call.lineno}"
        for path in SOURCES
        for called, call in calls(path)
        if logged.fullmatch(called) and not isinstance(call.args[0], ast.Constant)
    ] == []


def test_no_file_names_a_package_index() -> None:
    texts = [path for path in tracked() if path.suffix in READ_BY_PEOPLE]

    assert [name_of(path) for path in texts if INDEX_HOSTS.search(path.read_text(encoding="utf-8"))] == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    texts = [path for path in tracked() if path.suffix in READ_BY_PEOPLE]

    assert [name_of(path) for path in texts if MACHINE_PATHS.search(path.read_text(encoding="utf-8"))] == []


@cache
def imported() -> frozenset[str]:
    """Every module that some other file of the project names in an import, or as `python -m`."""
    found: set[str] = set()
    for path in python_files(*PACKAGES):
        me = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names} - {me}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(PACKAGES):
                found.add(node.value)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)} - {me}
    return frozenset(found)


def test_every_module_is_used_by_somebody() -> None:
    # A subcommand is found by its file, a migration by alembic, and a process by its package's name.
    called_by_name = re.compile(r"^commands/|^kalecart/migrations/|/__(main|init)__\.py$")
    modules = [path for path in SOURCES if not called_by_name.search(name_of(path))]

    dead = [
        name_of(path)
        for path in modules
        if path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") not in imported()
    ]

    assert dead == []


def test_every_template_and_every_static_file_is_used_by_somebody() -> None:
    kept = [path for path in tracked() if name_of(path).startswith(("web/templates/", "web/static/"))]
    readers = [path for path in tracked() if name_of(path).startswith("web/") and path.suffix in READ_BY_PEOPLE]

    def used(path: Path) -> bool:
        return any(path.name in reader.read_text(encoding="utf-8") for reader in readers if reader != path)

    assert [name_of(path) for path in kept if not used(path)] == []
