"""A person leaves no trace in the clear: not in a column, not in an error, not in a log (C8, E72)."""

import io
import logging
import traceback
from collections.abc import Iterator
from contextlib import redirect_stdout

import pytest
import sqlalchemy as sa
import structlog

from kalecart import logs
from kalecart.accounts.amend import Amendment, amend
from kalecart.accounts.log_in import LogIn, WrongLogIn
from kalecart.accounts.sign_up import EmailTaken
from kalecart.customers.address import Address
from kalecart.customers.reads import profile
from kalecart.customers.tables import customer
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Invalid
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import CannotOpen, data_key
from tests.people import Door, a_sign_up, a_visit

CANARIES = {
    "name": "Zephyrine Canary",
    "email": "zephyrine.canary@example.com",
    "phone": "(213) 555-0177",
    "password": "nine canaries sing loudly",
}
HOME = Address(street="77 Canary Lane", unit="Canary 7", city="Los Canarios", state="CA", postal_code="90077")
CURRENT = "nine canaries sing loudly"
STAFF = NewStaff(name="Canary Keeper", email="canary.keeper@example.com", password=CURRENT + " too", role=Role.MANAGER)


def traces(text: str) -> list[str]:
    """What of the canaries is readable in a text."""
    plain = text.casefold()
    looked_for = ["canar", "zephyrine", "555-0177", "2135550177", "90077", a_visit().origin]
    return [trace for trace in looked_for if trace in plain]


async def everything(db: Database) -> str:
    """Every value of every table of both schemas, as text."""
    async with db.snapshot() as tx:
        tables = await tx.execute(
            sa.text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'vault')")
        )
        rows = [await tx.execute(sa.text(f'SELECT * FROM "{schema}"."{table}"')) for schema, table in tables.all()]
    cells = [cell for found in rows for row in found for cell in row]
    return "\n".join(bytes(cell).decode("latin-1") if isinstance(cell, bytes) else str(cell) for cell in cells)


async def test_no_column_holds_a_person_in_the_clear(door: Door):
    entered = await door.signs_up(**CANARIES, address=HOME)
    moved = Amendment(name="Zephyrine Canary-Finch", address=HOME)
    await amend(moved, customer_id=entered.customer_id, terms=door.terms, **door.verbs)
    await add_staff(STAFF, db=door.db, vault=door.vault, clock=door.clock)

    found = await everything(door.db)

    assert str(entered.customer_id) in found
    assert traces(found) == []
    assert entered.session_token not in found


@pytest.fixture
def spoken() -> Iterator[io.StringIO]:
    root, out = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers, root.level
    with redirect_stdout(out):
        logs.configure(process="test", level="debug", log_format="json")
        # A logger that is kept would write to this test's ears for ever after.
        structlog.configure(**(structlog.get_config() | {"cache_logger_on_first_use": False}))
        yield out
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers = handlers
    root.setLevel(level)


async def test_no_refusal_and_no_log_repeats_what_was_typed(door: Door, spoken: io.StringIO):
    await door.signs_up(**CANARIES, address=HOME)
    errors: list[BaseException] = []
    for act in (
        lambda: door.signs_up(**CANARIES, address=HOME),
        lambda: door.signs_up(name="Zephyrine\x00Canary", email="zephyrine.canary", phone="canary", address=HOME),
        lambda: door.logs_in(email=CANARIES["email"], password="canary " * 3),
    ):
        with pytest.raises((EmailTaken, Invalid, WrongLogIn)) as caught:
            await act()
        errors.append(caught.value)

    for error in errors:
        told = [str(error), repr(error), repr(vars(error)), "".join(traceback.format_exception_only(error))]
        assert traces("\n".join(told)) == []
    structlog.get_logger().info("log_in_refused", email=CANARIES["email"], customer_id="an id")
    assert '"dropped": ["email"]' in spoken.getvalue()
    assert traces(spoken.getvalue()) == []


async def test_a_row_the_database_refuses_is_reported_without_its_values(door: Door):
    await door.signs_up(**CANARIES, address=HOME)
    async with door.db.snapshot() as tx:
        row = dict((await tx.execute(sa.select(customer))).one()._mapping)

    with pytest.raises(ConstraintBroken) as caught:
        async with door.db.transaction() as tx:
            await tx.execute(sa.insert(customer).values(**(row | {"stripe_customer_id": "zephyrine canary"})))

    assert traces("".join(traceback.format_exception(caught.value))) == []


def test_a_form_does_not_show_itself():
    for form in (
        a_sign_up(**CANARIES),
        LogIn(email="canary@example.com", password=CURRENT),
        STAFF,
        Amendment(name="Canary"),
    ):
        assert traces(f"{form!r} {form}") == []


async def test_without_the_key_a_person_is_unreadable(door: Door):
    entered = await door.signs_up(**CANARIES, address=HOME)
    other = await door.signs_up(email="bea@example.com")
    async with door.db.transaction() as tx:
        theirs = await tx.scalar(sa.select(data_key.c.wrapped).where(data_key.c.customer_id == other.customer_id))
        mine = sa.update(data_key).where(data_key.c.customer_id == entered.customer_id)
        await tx.execute(mine.values(wrapped=theirs))

    with pytest.raises(CannotOpen, match=r"customer\.name_sealed"):
        async with door.db.snapshot() as tx:
            await profile(tx, entered.customer_id, door.vault)
