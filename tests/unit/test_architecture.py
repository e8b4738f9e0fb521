"""How the house hangs together: what is declared in one place is provided for in every other."""

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import grimp
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bench
import commands
import kalecart
import local
import scheduler
import stripesim
import web
import workers
from kalecart import grants, job, jobs, schema
from kalecart.errors import KaleCartError
from kalecart.ids import new_id
from kalecart.jobs import JOBS, KINDS, QUEUES, Job
from kalecart.logs import ALLOWED_FIELDS
from workers.__main__ import SHIFTS
from workers.broker import PERFORMERS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (kalecart, web, workers, scheduler, commands, bench, local, stripesim)
TITLE_MAX = 70


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every module there is but those that run when imported."""
    names = [
        found.name
        for package in PACKAGES
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not found.name.endswith("__main__") and not found.name.startswith("kalecart.migrations.")
    ]
    return tuple(importlib.import_module(name) for name in names)


@cache
def contracts() -> tuple[dict[str, Any], ...]:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(configuration["tool"]["importlinter"]["contracts"])


def names_in(layer: str) -> set[str]:
    return {name.strip("() ") for name in layer.replace("|", ":").split(":")}


def areas() -> Iterator[tuple[str, list[str]]]:
    """Each business area and its layers, topmost first."""
    for contract in contracts():
        for container in contract.get("containers", []):
            if container != "kalecart":
                yield container, contract["layers"]


# Jobs


def test_every_kind_of_job_has_exactly_one_performer() -> None:
    assert set(PERFORMERS) == set(KINDS)
    assert len(set(PERFORMERS.values())) == len(PERFORMERS)


def test_every_kind_of_job_is_in_the_list_of_kinds() -> None:
    declared = [kind for _, kind in inspect.getmembers(jobs, inspect.isclass) if issubclass(kind, Job)]

    assert set(KINDS) == set(declared) - {Job}
    assert len(KINDS) == len(set(KINDS))


def test_the_topics_are_what_was_promised_under_them() -> None:
    """Renaming one strands its promised tasks: the old name must stay until its last row is gone."""
    assert {topic: kind.queue for topic, kind in JOBS.items()} == {
        "charge_order": "payments",
        "check_payment": "payments",
        "send_refund": "payments",
        "release_unpaid": "upkeep",
        "settle_cancellation": "payments",
        "settle_event": "payments",
        "send_mail": "mail",
        "detach_method": "payments",
        "let_ahead": "payments",
        "lift_bars": "upkeep",
        "tell_expiring": "upkeep",
        "ask_yearly": "upkeep",
        "watch_safeguards": "upkeep",
        "check_open_payments": "upkeep",
        "backfill_events": "upkeep",
        "reconcile": "upkeep",
        "prove_money": "upkeep",
        "open_windows": "upkeep",
        "prepare_count": "upkeep",
        "prove_figures": "upkeep",
        "release_quarter": "analytics",
        "answer_share": "analytics",
        "release_survey": "analytics",
        "count_habits": "analytics",
        "tend_surveys": "upkeep",
        "make_export": "analytics",
        "watch_complaints": "privacy",
        "read_mail": "privacy",
        "watch_training": "privacy",
        "watch_paper": "privacy",
        "watch_audits": "privacy",
        "expire_carts": "upkeep",
        "tell_policy": "upkeep",
        "destroy_sources": "privacy",
        "prune": "upkeep",
        "keep_tombstone": "privacy",
        "watch_trail": "privacy",
        "prove_trail": "privacy",
        "prove_register": "privacy",
        "fulfil_request": "privacy",
        "complete_request": "privacy",
        "remake_package": "privacy",
        "destroy_source": "privacy",
        "watch_requests": "privacy",
        "erase_person": "privacy",
        "erase_other": "privacy",
        "forget_at_stripe": "privacy",
        "finish_erasures": "privacy",
        "keep_no_longer": "privacy",
    }
    assert len(JOBS) == len(KINDS)


def test_every_queue_is_worked_on_by_one_kind_of_worker() -> None:
    assert Counter(queue for queues in SHIFTS.values() for queue in queues) == Counter(QUEUES)


def test_every_queue_belongs_to_a_module_of_the_workers() -> None:
    performed_in = {kind.queue: inspect.getmodule(perform) for kind, perform in PERFORMERS.items()}

    assert set(performed_in) == set(QUEUES)
    assert {queue: module.__name__ for queue, module in performed_in.items() if module} == {
        queue: f"workers.{queue}" for queue in QUEUES
    }


VALUES = {
    "CustomerId": st.uuids(),
    "OrderId": st.uuids(),
    "PaymentMethodId": st.uuids(),
    "RefundId": st.uuids(),
    "RequestId": st.uuids(),
    "SurveyId": st.uuids(),
    "UUID": st.uuids(),
    "MailKind": st.sampled_from(jobs.MailKind),
    "int": st.integers(min_value=0, max_value=2**31 - 1),
    "str": st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60),
    "datetime": st.datetimes(timezones=st.just(UTC)),
}


def a_job(kind: type[Job]) -> st.SearchStrategy[Job]:
    return st.builds(kind, **{field.name: VALUES[field.type.__name__] for field in fields(kind)})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.topic)
@given(data=st.data())
def test_a_job_comes_back_out_of_its_row_as_it_went_in(kind: type[Job], data: st.DataObject) -> None:
    job = data.draw(a_job(kind))
    stored = json.loads(json.dumps(job.arguments()))

    assert kind.parse(stored) == job
    assert kind.parse(stored).key == job.key


def test_two_different_jobs_have_different_keys() -> None:
    order = new_id()
    promised = [
        jobs.ChargeOrder(order_id=order, attempt=1),
        jobs.ChargeOrder(order_id=order, attempt=2),
        jobs.ChargeOrder(order_id=new_id(), attempt=1),
        jobs.SettleEvent(event_id="evt_1"),
        jobs.SendMail(kind=jobs.MailKind.ORDER_RECEIPT, subject=order),
        jobs.SendMail(kind=jobs.MailKind.PAYMENT_DECLINED, subject=order, occasion="1"),
        jobs.SendMail(kind=jobs.MailKind.PAYMENT_DECLINED, subject=order, occasion="2"),
        jobs.OpenWindows(slot="2026-11-02"),
        jobs.ExpireCarts(slot="2026-11-02"),
        jobs.Prune(slot="2026-11-02"),
    ]

    assert Counter(job.key for job in promised).most_common(1)[0][1] == 1


def test_a_job_carries_ids_numbers_and_slots_only() -> None:
    """A person's data would be shown to staff with the task, and kept as long as it."""
    carried = {field.name for kind in KINDS for field in fields(kind)}

    ids = {"customer_id", "request_id", "erasure_id", "order_id", "refund_id", "method_id", "event_id", "source_id"}
    given = {"attempt", "number", "slot", "day", "look", "cause", "occasion", "kind", "subject", "quarter", "question"}
    assert carried <= ids | given | {"export_id", "survey_id"}


@pytest.mark.parametrize(
    "value", [datetime(2026, 11, 1, 8, 30, 0, 7, tzinfo=UTC), new_id(), "a slot"], ids=["instant", "id", "slot"]
)
def test_an_instant_or_an_id_in_a_job_is_kept_exactly(value: datetime | UUID | str) -> None:
    assert job._value(job._text(value), type(value).__name__) == value


# Tables


def test_every_table_has_its_row_in_the_matrix_of_rights_and_every_row_a_table() -> None:
    assert set(grants.MATRIX) - {"alembic_version"} == set(schema.metadata.tables)
    assert grants.unplaced() == set()


def test_the_matrix_speaks_its_four_letters_in_order() -> None:
    cells = [cell for row in grants.MATRIX.values() for cell in row]

    assert [cell for cell in cells if "".join(letter for letter in "riud" if letter in cell) != cell] == []


def test_the_schema_knows_the_tables_of_every_area() -> None:
    declared = {path.parent.name for path in (ROOT / "kalecart").glob("*/tables.py")}
    known = {module.__name__.split(".")[1] for module in schema.TABLE_MODULES if module.__name__.endswith(".tables")}

    assert known == declared


# Dependencies


def test_only_the_sql_beside_them_imports_the_tables_of_an_area() -> None:
    """The import contract lets any store read any table; this one holds each to its own area."""
    graph = grimp.build_graph("kalecart", cache_dir=None)
    strangers = set()
    for area, layers in areas():
        sql = {f"{area}.{name}" for layer in layers if "store" in names_in(layer) for name in names_in(layer)}
        if f"{area}.tables" in graph.modules:
            strangers |= graph.find_modules_that_directly_import(f"{area}.tables") - sql - {"kalecart.schema"}

    assert strangers == set()


def test_every_area_has_a_contract_of_its_own() -> None:
    folders = {path.parent.name for path in (ROOT / "kalecart").glob("*/__init__.py")} - {"migrations"}

    assert {container.removeprefix("kalecart.") for container, _ in areas()} == folders
    assert all(contract["exhaustive"] for contract in contracts() if "containers" in contract)


def test_every_noun_is_held_to_be_pure() -> None:
    pure = next(contract for contract in contracts() if contract["name"] == "Nouns are pure")
    nouns = {f"{container}.{name}" for container, layers in areas() for name in names_in(layers[-1])}

    assert set(pure["source_modules"]) == nouns


def test_importing_the_whole_shop_starts_nothing_and_needs_no_environment() -> None:
    """No connection, no child process, no clock that ticks, no variable: a module is inert until it is called."""
    script = """
import importlib, sys, threading
def watch(event, arguments):
    if event in {"socket.connect", "subprocess.Popen", "os.fork", "os.system", "os.exec"}:
        raise SystemExit(f"{event} {arguments}")
sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
assert threading.active_count() == 1, threading.enumerate()
"""
    names = [module.__name__ for module in modules()]

    command = [sys.executable, "-c", script, *names]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False, timeout=300)

    assert (done.returncode, done.stderr) == (0, "")


# Errors and logs


def errors_of(parent: type[BaseException]) -> Iterator[type[BaseException]]:
    for child in parent.__subclasses__():
        yield child
        yield from errors_of(child)


def own_errors() -> set[type[BaseException]]:
    modules()
    tops = {package.__name__ for package in PACKAGES}
    return {error for error in errors_of(Exception) if error.__module__.split(".")[0] in tops}


def test_every_error_says_what_it_is_in_its_own_docstring() -> None:
    assert {error.__qualname__ for error in own_errors() if not error.__dict__.get("__doc__")} == set()


def test_the_title_of_every_error_people_see_is_one_short_sentence() -> None:
    titles = {error.__name__: error.title() for error in own_errors() if issubclass(error, KaleCartError)}

    assert {name: title for name, title in titles.items() if len(title) > TITLE_MAX or not title.endswith(".")} == {}


def test_no_field_of_the_logs_names_a_person() -> None:
    personal = {"email", "phone", "name", "address", "street", "city", "password", "token", "card", "number", "message"}

    assert personal & ALLOWED_FIELDS == set()
