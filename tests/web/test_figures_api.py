"""What programs read of releases, ask of them, and may take out (C6)."""

import pytest_asyncio

from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.released import a_released_quarter
from tests.web.shop import PASSWORD, Shop


@pytest_asyncio.fixture
async def counted(shop: Shop) -> Shop:
    await a_released_quarter(shop.db, now=shop.runtime.clock.now())
    return shop


async def at_work(shop: Shop, vault: Vault, role: Role) -> None:
    newcomer = NewStaff(name="Fay Figures", email=f"{role}@example.com", password=PASSWORD, role=role)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=shop.runtime.clock)
    log_in = {"email": newcomer.email, "password": PASSWORD}
    assert (await shop.ask("POST", "/api/v1/staff/session", json=log_in)).status < 300


async def test_anybody_reads_what_was_published(counted: Shop) -> None:
    answer = await counted.get("/api/v1/aggregates")

    assert (answer.status, answer.body["quarter"], answer.body["quarters"]) == (200, "2026-Q3", ["2026-Q3"])
    products = next(each for each in answer.body["releases"] if each["kind"] == "products")
    kale, _, yeast = products["figures"]
    assert (kale["percent"], kale["from_percent"], kale["to_percent"]) == (43, 41, 46)
    assert (yeast["percent"], yeast["from_percent"], yeast["to_percent"]) == (None, None, 3)
    assert answer.body["epsilon"] == 3.81


async def test_nothing_published_is_an_empty_list_and_an_unknown_quarter_is_not_there(shop: Shop) -> None:
    empty = await shop.get("/api/v1/aggregates")

    assert (empty.body["releases"], empty.body["quarter"]) == ([], None)
    assert (await shop.get("/api/v1/aggregates?quarter=1999-Q1")).problem == "nothing-published"
    assert (await shop.get("/api/v1/aggregates?quarter=soon")).status == 422


async def test_the_manager_sees_the_ledger_asks_once_and_has_a_file_written(counted: Shop, vault: Vault) -> None:
    await at_work(counted, vault, Role.MANAGER)
    question = {"quarter": "2026-Q3", "sku": "kale"}

    first = await counted.ask("POST", "/api/v1/staff/figures/questions", json=question)
    again = await counted.ask("POST", "/api/v1/staff/figures/questions", json=question)
    ledger = (await counted.get("/api/v1/staff/figures")).body
    file = await counted.ask(
        "POST", "/api/v1/staff/figures/exports", json={"releases": ["products:2026-Q3"], "format": "xlsx"}
    )

    assert (first.status, first.body["anew"], again.body["anew"]) == (202, True, False)
    asked = next(each for each in ledger["budget"] if each["id"] == "question:2026")
    assert asked["cap_microrho"] - asked["left_microrho"] == 5_000
    assert "share:2026-Q3:kale" in {each["key"] for each in ledger["releases"]}
    assert (file.status, file.body["state"]) == (202, "waiting")
    listed = (await counted.get("/api/v1/staff/figures/exports")).body["exports"]
    assert [each["id"] for each in listed] == [file.body["id"]]
    assert (await counted.get(f"/api/v1/staff/figures/exports/{file.body['id']}")).problem == "no-such-file"


async def test_a_program_that_wants_anything_else_is_refused(counted: Shop, vault: Vault) -> None:
    await at_work(counted, vault, Role.MANAGER)
    wanted = {"releases": ["customer"], "format": "csv"}

    assert (await counted.ask("POST", "/api/v1/staff/figures/exports", json=wanted)).problem == "only-releases"
    nothing = wanted | {"releases": ["products:2026-Q3\0"]}
    assert (await counted.ask("POST", "/api/v1/staff/figures/exports", json=nothing)).status == 422


async def test_who_may_read_figures_takes_none_out(counted: Shop, vault: Vault) -> None:
    await at_work(counted, vault, Role.ORDERS)
    wanted = {"releases": ["products:2026-Q3"], "format": "csv"}

    assert (await counted.get("/api/v1/staff/figures")).status == 200
    for path, body in (("exports", wanted), ("questions", {"quarter": "2026-Q3", "sku": "kale"})):
        assert (await counted.ask("POST", f"/api/v1/staff/figures/{path}", json=body)).problem == "role-forbids"
