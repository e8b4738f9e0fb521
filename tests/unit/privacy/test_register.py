"""The register by itself: every entry complete, every way to a person real."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import kalecart
from kalecart import grants, jobs
from kalecart.audit import audit_entry
from kalecart.consent.purpose import Purpose
from kalecart.privacy.examine import strangers
from kalecart.privacy.register import COOKIES, FILES, PEOPLE, REGISTER, VALKEY, about, done_by
from kalecart.privacy.register.entry import (
    ANYBODY,
    AsItIs,
    Category,
    Described,
    Erasure,
    NotPersonal,
    Number,
    Opened,
    Personal,
    Table,
    Withheld,
)
from kalecart.privacy.retention import RULES
from kalecart.privacy.subject import Part, PersonKind
from kalecart.schema import metadata
from web.cookies import Cookies

TABLES = pytest.mark.parametrize("table", REGISTER.values(), ids=lambda table: table.name)


def test_every_column_the_code_declares_is_classified_and_no_other() -> None:
    """The live catalogue is held against it too; this one needs no database, and says it first (E71)."""
    declared = {(table.fullname, column.name) for table in metadata.tables.values() for column in table.columns}
    tables = [table for table in REGISTER.values() if table.name not in grants.VIEWS]
    written = {(table.name, column) for table in tables for column in table.columns}

    assert written - {("alembic_version", "version_num")} == declared


@pytest.mark.parametrize("view", grants.VIEWS)
def test_a_view_holds_nothing_of_its_own_and_shows_nothing_that_leads_to_somebody(view: str) -> None:
    assert {type(entry) for entry in REGISTER[view].columns.values()} == {NotPersonal}


def test_a_sealed_column_is_personal_opened_with_its_persons_key_and_shredded() -> None:
    sealed = {
        (table.name, name): entry
        for table in REGISTER.values()
        for name, entry in table.columns.items()
        if "sealed" in name
    }

    assert len(sealed) > 5
    assert {at for at, entry in sealed.items() if not isinstance(entry, Personal)} == set()
    assert {at for at, entry in sealed.items() if isinstance(entry, Personal) and entry.erase is Erasure.KEPT} == set()


def test_what_is_opened_is_bound_to_a_column_that_names_its_row() -> None:
    opened = [
        (table, entry.disclose.row)
        for table in REGISTER.values()
        for entry in table.personal().values()
        if isinstance(entry.disclose, Opened)
    ]

    assert [row for table, row in opened if row not in table.columns] == []


@TABLES
def test_what_is_personal_leads_to_somebody(table: Table) -> None:
    """A row that is about a person and leads to none could be neither shown to them nor erased."""
    if table.personal():
        assert any(about(table, person) for person in PEOPLE)


@TABLES
def test_every_number_names_a_table_of_the_register(table: Table) -> None:
    assert {number.names for number in table.numbers().values()} - {*REGISTER, ANYBODY} == set()
    assert table.key in table.columns


@TABLES
def test_every_entry_says_what_it_is_in_words(table: Table) -> None:
    words = [table.says]
    for entry in table.columns.values():
        match entry:
            case Personal():
                words.append(entry.says)
                if isinstance(entry.disclose, Described | Withheld):
                    words.append(entry.disclose.words)
            case NotPersonal():
                words.append(entry.why)
            case Number():
                pass

    assert [text for text in words if not text.strip()] == []


@TABLES
def test_every_retention_rule_that_is_named_exists(table: Table) -> None:
    assert {entry.retention for entry in table.personal().values()} - set(RULES) == set()


def test_every_category_and_purpose_of_the_register_is_one_the_policy_declares() -> None:
    entries = [entry for table in REGISTER.values() for entry in table.personal().values()]

    assert {entry.purpose for entry in entries} <= set(Purpose)
    assert {entry.category for entry in entries} <= set(Category)


def test_a_password_a_token_and_a_key_are_never_shown_only_described() -> None:
    """E60."""
    secret = re.compile(r"password|token|wrapped|_index$|fingerprint|idempotency")
    shown = {
        f"{table.name}.{name}"
        for table in REGISTER.values()
        for name, entry in table.personal().items()
        if secret.search(name) and not isinstance(entry.disclose, Described | Withheld)
    }

    assert shown == set()


def test_a_row_belongs_to_its_person_through_the_rows_it_belongs_to() -> None:
    whose = about(REGISTER["refund_line"])

    assert whose is not None
    assert "FROM refund WHERE" in whose
    assert "customer_order.customer_id = :person" in whose


def test_staff_who_acted_are_named_as_actors_and_not_as_whom_it_is_about() -> None:
    refund = REGISTER["refund"]

    assert about(refund, "staff") is None
    assert about(refund, "staff", Part.ACTOR) == "(refund.staff_id = :person)"


def test_nothing_about_goods_windows_or_work_leads_to_anybody() -> None:
    assert [about(REGISTER[name]) for name in ("product", "stock", "delivery_window", "task", "inbox")] == [None] * 5


def test_every_argument_a_job_can_carry_is_listed() -> None:
    carried = {field.name for kind in jobs.KINDS for field in fields(kind)}
    arguments = REGISTER["task"].columns["arguments"]

    assert isinstance(arguments, NotPersonal)
    assert set(arguments.keys) == carried


def test_the_trail_is_never_changed_by_an_erasure() -> None:
    """E68."""
    trail = REGISTER[audit_entry.name]

    assert {entry.erase for entry in trail.personal().values()} == {Erasure.KEPT}


@pytest.mark.parametrize("secure", [True, False])
def test_every_cookie_is_described(secure: bool) -> None:
    assert strangers(Cookies(secure=secure).names, COOKIES) == []


def test_a_cookie_key_or_file_nobody_described_is_named() -> None:
    assert strangers(["kale_habits"], COOKIES) == ["kale_habits"]
    assert strangers(["dramatiq:payments", "person:ana"], VALKEY) == ["person:ana"]
    assert strangers(["logs/web.log", "secrets/customers.csv"], FILES) == ["secrets/customers.csv"]


def test_the_register_is_made_of_data_and_asks_nobody() -> None:
    assert inspect.iscoroutinefunction(about) is False


@TABLES
def test_who_erases_may_do_what_the_register_says_and_keeps_its_hands_off_what_is_kept(table: Table) -> None:
    """The key is destroyed by the log-in of the worker on people's data, and so is everything else."""
    if about(table) is None:
        return
    letters = grants.MATRIX[table.name][grants.ROLES.index(grants.PRIVACY)]
    ways = {entry.erase for entry in table.personal().values()}

    assert (Erasure.DELETED not in ways) or "d" in letters
    assert not ways & {Erasure.SHREDDED, Erasure.EMPTIED, Erasure.RANDOM, Erasure.RENAMED} or "u" in letters


def test_of_everything_staff_do_the_register_says_what_whoever_did_it_is_told_and_nothing_of_anybody_else() -> None:
    """C11: an instant, a code or an amount; never what is sealed, never a number."""
    acted = [table for table in REGISTER.values() if done_by(table, PersonKind.STAFF)]

    assert len(acted) > 10
    assert [table.name for table in acted if not table.acts or not table.did] == []
    told = [(table.name, table.columns[name]) for table in acted for name in table.acts]
    assert [name for name, entry in told if isinstance(entry, Number)] == []
    plain = [(name, entry) for name, entry in told if isinstance(entry, Personal)]
    assert [name for name, entry in plain if not isinstance(entry.disclose, AsItIs)] == []


def _details(tree: ast.AST) -> Iterator[str]:
    """Keys of the dictionaries that a module calls `detail`, and what it hands to an area's own `on_record`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "on_record":
            yield from (given.arg for given in node.keywords if given.arg and given.arg != "now")
        called = node.arg == "detail" if isinstance(node, ast.keyword) else False
        if isinstance(node, ast.Assign):
            called = any(isinstance(to, ast.Name) and to.id == "detail" for to in node.targets)
        value = node.value if called and isinstance(node, ast.keyword | ast.Assign) else None
        for part in ast.walk(value) if value else ():
            keys = part.keys if isinstance(part, ast.Dict) else []
            yield from (key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def test_every_key_the_audit_trail_is_given_is_in_the_register() -> None:
    entry = REGISTER["audit_entry"].columns["detail"]
    assert isinstance(entry, NotPersonal)
    modules = [path.read_text() for path in Path(inspect.getfile(kalecart)).parent.rglob("*.py")]
    given = {
        key for text in modules if "audit.record" in text or "on_record(" in text for key in _details(ast.parse(text))
    }

    assert {"hold", "scope", "witness", "left"} <= given
    assert given <= set(entry.keys), sorted(given - set(entry.keys))
