"""A file for somebody outside holds released figures and nothing else; whoever wants something else is on record."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from zipfile import ZipFile

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.audit import audit_entry
from kalecart.database import Database, DatabaseFault
from kalecart.errors import Invalid
from kalecart.figures import store
from kalecart.figures.ask_export import OnlyReleases, ask_export
from kalecart.figures.export import KEPT, Export, Format, Progress
from kalecart.figures.hand_over import File, NoSuchFile, hand_over_export
from kalecart.figures.make_export import make_export
from kalecart.grants import ANALYTICS, WEB, WORKER
from kalecart.ids import new_id
from kalecart.prune import prune
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.hints import RecordedHints
from tests.released import a_released_quarter
from tests.server import Clone

PASSWORD = "a long enough secret"
QUARTER_KEYS = ("count:2026-Q3", "products:2026-Q3", "aisles:2026-Q3", "baskets:2026-Q3")


@pytest_asyncio.fixture
async def manager(db: Database, vault: Vault, clock: FakeClock) -> StaffMember:
    newcomer = NewStaff(name="Mo Manager", email="mo@example.com", password=PASSWORD, role=Role.MANAGER)
    await a_released_quarter(db, now=clock.now())
    staff_id = await add_staff(newcomer, db=db, vault=vault, clock=clock)
    return StaffMember(id=staff_id, role=Role.MANAGER)


@pytest_asyncio.fixture
async def web(clone: Clone) -> AsyncIterator[Database]:
    async for each in as_role(clone, WEB):
        yield each


@pytest_asyncio.fixture
async def counter(clone: Clone) -> AsyncIterator[Database]:
    """The worker that counts, as it logs in."""
    async for each in as_role(clone, ANALYTICS):
        yield each


async def as_role(clone: Clone, role: str) -> AsyncIterator[Database]:
    database = Database(clone.url(role), pool_size_max=4, application="test")
    yield database
    await database.close()


async def acts(db: Database) -> list[tuple[str, str | None]]:
    async with db.snapshot() as tx:
        rows = await tx.execute(
            sa.select(audit_entry.c.act, audit_entry.c.detail["reason"].astext)
            .where(audit_entry.c.subject_kind == "figures_export")
            .order_by(audit_entry.c.at, audit_entry.c.id)
        )
        return [(act, reason) for act, reason in rows]


async def asked(releases: Sequence[str], as_: str, *, by: StaffMember, db: Database, clock: FakeClock) -> Export:
    hints: Any = RecordedHints()
    return await ask_export(releases, as_, by=by, db=db, clock=clock, dispatcher=hints)


async def made(manager: StaffMember, as_: str, *, web: Database, counter: Database, clock: FakeClock) -> File:
    export = await asked(QUARTER_KEYS, as_, by=manager, db=web, clock=clock)
    assert await make_export(export.id, None, db=counter, clock=clock)
    return await hand_over_export(export.id, by=manager, db=web, clock=clock)


async def test_a_file_holds_what_was_released_with_its_range_and_the_note(
    manager: StaffMember, web: Database, counter: Database, clock: FakeClock, db: Database
) -> None:
    file = await made(manager, "csv", web=web, counter=counter, clock=clock)

    text = file.content.decode("utf-8-sig")
    assert "noise was added to every figure on purpose" in text
    rows = list(csv.DictReader(line for line in io.StringIO(text) if not line.startswith("#")))
    kale = next(row for row in rows if row["release"] == "products:2026-Q3" and row["of"] == "kale")
    assert (kale["percent"], kale["from_percent"], kale["to_percent"]) == ("43", "41", "46")
    assert kale["says"] == "About 43 %, 95 % sure between 41 % and 46 %"
    assert await acts(db) == [
        ("figures_export_asked", None),
        ("figures_export_made", None),
        ("figures_export_downloaded", None),
    ]


async def test_a_product_bought_by_hardly_anybody_is_shown_only_as_fewer_than(
    manager: StaffMember, web: Database, counter: Database, clock: FakeClock
) -> None:
    """E73: neither the noisy count nor a lower end is in the file."""
    document = json.loads((await made(manager, "json", web=web, counter=counter, clock=clock)).content)

    products = next(each for each in document["releases"] if each["kind"] == "products")
    rare = next(each for each in products["figures"] if each["of"] == "yeast")
    assert (rare["percent"], rare["from_percent"], rare["says"]) == (None, None, "Fewer than 3 %")


async def test_a_spreadsheet_has_the_figures_on_one_sheet_and_the_note_on_another(
    manager: StaffMember, web: Database, counter: Database, clock: FakeClock
) -> None:
    file = await made(manager, "xlsx", web=web, counter=counter, clock=clock)

    with ZipFile(io.BytesIO(file.content)) as book:
        words = book.read("xl/sharedStrings.xml").decode()
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 2
    assert "Kale &amp; co" in words
    assert "Held back does not mean zero" in words
    assert file.name.endswith(".xlsx")


@pytest.mark.parametrize(
    "wanted",
    [
        ["customer"],
        ["habit:2026-Q3"],
        ["products:2026-Q3", "products:2031-Q1"],
        ["products:2026-Q3' OR true --"],
        ["share:2026-Q3:kale"],
    ],
)
async def test_an_attempt_to_export_anything_else_is_refused_and_recorded(
    manager: StaffMember, web: Database, clock: FakeClock, db: Database, wanted: list[str]
) -> None:
    with pytest.raises(OnlyReleases):
        await asked(wanted, "csv", by=manager, db=web, clock=clock)

    assert await acts(db) == [("figures_export_refused", "not_released")]


async def test_whoever_may_only_read_figures_exports_none_and_the_attempt_is_recorded(
    manager: StaffMember, web: Database, clock: FakeClock, db: Database
) -> None:
    with pytest.raises(RoleForbids):
        await asked(QUARTER_KEYS, "csv", by=replace(manager, role=Role.PRIVACY), db=web, clock=clock)

    assert await acts(db) == [("figures_export_refused", "role")]


@pytest.mark.parametrize(("wanted", "as_"), [([], "csv"), (QUARTER_KEYS, "pdf"), (["x"] * 101, "csv")])
async def test_a_file_of_nothing_or_in_no_known_form_is_refused_by_name(
    manager: StaffMember, web: Database, clock: FakeClock, wanted: list[str], as_: str
) -> None:
    named = [f"{each}{number}" for number, each in enumerate(wanted)] if as_ == "csv" else wanted
    with pytest.raises(Invalid):
        await asked(named, as_, by=manager, db=web, clock=clock)


async def test_a_request_planted_past_the_check_is_refused_by_the_worker_and_recorded(
    manager: StaffMember, counter: Database, clock: FakeClock, db: Database
) -> None:
    """Somebody who writes to the table itself gets no further than a release."""
    planted = Export(
        id=new_id(),
        releases=["customer:all"],
        format=Format.CSV,
        asked_by=manager.id,
        asked_at=clock.now(),
        expires_at=clock.now() + KEPT,
        made_at=None,
        refused=None,
        lines=None,
        size_bytes=None,
        sha256=None,
    )
    async with db.transaction() as tx:
        await store.add(tx, planted)

    assert not await make_export(planted.id, None, db=counter, clock=clock)

    async with db.snapshot() as tx:
        found = await store.find(tx, planted.id)
        content = await store.content(tx, planted.id)
    assert found is not None
    assert (found.progress(clock.now()), content) == (Progress.REFUSED, None)
    assert await acts(db) == [("figures_export_refused", None)]


@pytest.mark.parametrize("table", ["habit", "pseudonym", "customer", "customer_order", "purchase_seen", "product"])
async def test_whoever_writes_a_file_reads_no_other_table(counter: Database, table: str) -> None:
    with pytest.raises(DatabaseFault, match="42501"):
        async with counter.transaction() as tx:
            await store.become_writer(tx)
            await tx.execute(sa.text(f"SELECT * FROM {table} LIMIT 0"))  # named above


async def test_the_worker_writes_no_file_as_itself(
    manager: StaffMember, web: Database, counter: Database, clock: FakeClock
) -> None:
    export = await asked(QUARTER_KEYS, "csv", by=manager, db=web, clock=clock)

    with pytest.raises(DatabaseFault, match="42501"):
        async with counter.transaction() as tx:
            await store.write(tx, export.id, b"planted", lines=1, now=clock.now())


async def test_a_file_that_was_made_is_not_made_again_and_goes_after_thirty_days(
    manager: StaffMember, web: Database, counter: Database, clock: FakeClock, clone: Clone
) -> None:
    export = await asked(QUARTER_KEYS, "csv", by=manager, db=web, clock=clock)
    assert await make_export(export.id, None, db=counter, clock=clock)
    first = await hand_over_export(export.id, by=manager, db=web, clock=clock)
    clock.advance(hours=1)

    assert not await make_export(export.id, None, db=counter, clock=clock)
    assert await hand_over_export(export.id, by=manager, db=web, clock=clock) == first

    clock.advance(days=31)
    with pytest.raises(NoSuchFile):
        await hand_over_export(export.id, by=manager, db=web, clock=clock)
    async for worker in as_role(clone, WORKER):
        assert await prune(None, db=worker, clock=clock) == 1
    async with web.snapshot() as tx:
        assert await store.content(tx, export.id) is None
