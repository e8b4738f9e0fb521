"""What staff and anybody read of releases: shares with their range, what is held back, what is left, files (C6)."""

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.audit import audit_entry
from kalecart.database import Database
from kalecart.figures.make_export import make_export
from kalecart.figures.tables import figures_export
from kalecart.grants import ANALYTICS
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.released import QUARTER, a_released_quarter, a_released_survey
from tests.server import Clone
from tests.web.page import Browser
from tests.web.shop import PASSWORD, Answer, Shop


async def at_work(shop: Shop, vault: Vault, role: Role) -> Browser:
    newcomer = NewStaff(name="Fay Figures", email=f"{role}@example.com", password=PASSWORD, role=role)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=shop.runtime.clock)
    browser = Browser(shop)
    page = await browser.open("/staff/figures")
    await browser.send(page.form("/staff/log-in"), email=newcomer.email, password=PASSWORD)
    return browser


async def written(shop: Shop, clone: Clone) -> Answer:
    """The one file that was asked for, once the worker has written it."""
    counter = Database(clone.url(ANALYTICS), pool_size_max=2, application="test")
    async with shop.db.snapshot() as tx:
        export_id = await tx.scalar(sa.select(figures_export.c.id))
    assert await make_export(export_id, None, db=counter, clock=shop.runtime.clock)
    await counter.close()
    return await shop.get(f"/staff/figures/exports/{export_id}")


@pytest_asyncio.fixture
async def manager(shop: Shop, vault: Vault) -> Browser:
    await a_released_quarter(shop.db, now=shop.runtime.clock.now())
    return await at_work(shop, vault, Role.MANAGER)


async def test_a_quarters_figures_are_shown_with_their_range_the_reason_for_the_noise_and_the_budget(
    manager: Browser,
) -> None:
    page = await manager.open("/staff/figures")

    assert page.status == 200
    assert "July to September 2026" in page.text
    assert "about 43 % of customers who agreed" in page.text
    assert "95 % sure that it is between 41 % and 46 %" in page.text
    assert "fewer than 3 %" in page.text
    assert "noise was added to every figure on purpose" in page.text
    assert "8 of 8 questions left until January 1, 2027" in page.text
    assert "products:2026-Q3" in page.text
    assert '<rect class="bar"' in page.html


async def test_anybody_reads_what_was_published_without_a_log_in_and_without_the_ledger(
    manager: Browser, shop: Shop
) -> None:
    page = await Browser(shop).open("/figures")

    assert "Kale &amp; co" in page.html
    assert "about 43 %" in page.text
    assert "Ledger" not in page.text
    assert "8 of 8" not in page.text


async def test_before_the_first_quarter_is_counted_the_page_says_when_it_will_be(shop: Shop) -> None:
    page = await Browser(shop).open("/figures")

    assert "Nothing yet" in page.text
    assert "October to December 2026 is counted from January 1, 2027 on" in page.text


async def test_a_shop_of_few_customers_publishes_that_they_are_too_few_and_no_share(shop: Shop) -> None:
    """E77."""
    await a_released_quarter(shop.db, now=shop.runtime.clock.now(), people=60, bought={})

    page = await Browser(shop).open("/figures")

    assert "Fewer than about 100: too few to say how many" in page.text
    assert "too few to say what share" in page.text
    assert " 60" not in page.text.split("July to September")[1].split("Released")[0]


async def test_a_survey_is_shown_and_taken_out_before_its_quarter_is_counted(
    shop: Shop, vault: Vault, clone: Clone
) -> None:
    key = await a_released_survey(shop.db, now=shop.runtime.clock.now())
    browser = await at_work(shop, vault, Role.MANAGER)

    page = await browser.open("/figures")
    assert "Do you cook on weekdays?" in page.text
    assert "About 67 %" in page.text
    assert "Not counted yet" in page.text
    assert (await shop.get("/api/v1/aggregates")).body["releases"][0]["key"] == key

    form = (await browser.open("/staff/figures")).form("/staff/figures/exports")
    await browser.send(form, **{"format": "csv", f"release:{key}": "on"})
    assert "67" in (await written(shop, clone)).body


async def test_a_quarter_nobody_counted_is_not_there(manager: Browser) -> None:
    for path in ("/figures", "/staff/figures"):
        assert (await manager.open(f"{path}?quarter=1999-Q1")).status == 404


async def test_a_question_about_one_product_is_asked_once_and_costs_one_of_eight(manager: Browser) -> None:
    """E75."""
    form = (await manager.open("/staff/figures")).form("/staff/figures/questions")
    first = await manager.send(form, sku="kale")
    again = await manager.send(form, sku="kale")

    assert "Asked and paid for" in first.text
    assert "the same figure, and nothing to pay" in again.text
    assert "7 of 8 questions left" in again.text
    assert "Being answered: share:2026-Q3:kale" in again.text


async def test_the_ninth_question_of_the_year_is_refused_with_the_day_the_budget_renews(
    manager: Browser, shop: Shop
) -> None:
    """E76."""
    form = (await manager.open("/staff/figures")).form("/staff/figures/questions")
    async with shop.db.transaction() as tx:
        await tx.execute(sa.text("UPDATE envelope SET spent_microrho = cap_microrho WHERE id = 'question:2026'"))

    refused = await manager.send(form, sku="soap")

    assert refused.status == 429
    assert "renews on 2027-01-01" in refused.text


async def test_a_form_that_is_refused_comes_back_with_the_quarter_it_was_about(manager: Browser, shop: Shop) -> None:
    await a_released_quarter(
        shop.db, now=shop.runtime.clock.now(), quarter=QUARTER.previous, bought={"rye": 900, "tea": 90}
    )
    form = (await manager.open("/staff/figures?quarter=2026-Q2")).form("/staff/figures/questions")
    async with shop.db.transaction() as tx:
        await tx.execute(sa.text("UPDATE envelope SET spent_microrho = cap_microrho WHERE id = 'question:2026'"))

    refused = await manager.send(form, sku="rye")
    unknown = await manager.send(form, sku="rye", quarter="1999-Q1")

    assert "Figures, April to June 2026" in refused.text
    assert "Figures, July to September 2026" in unknown.text


async def test_a_file_is_written_by_the_worker_and_fetched_on_record(
    manager: Browser, shop: Shop, clone: Clone
) -> None:
    form = (await manager.open("/staff/figures")).form("/staff/figures/exports")
    asked = await manager.send(form, **{"format": "json", "release:products:2026-Q3": "on"})
    assert "It is being written" in asked.text

    fetched = await written(shop, clone)

    assert fetched.headers["Content-Disposition"].endswith('.json"')
    products = next(each for each in fetched.body["releases"] if each["kind"] == "products")
    assert products["figures"][0]["percent"] == 43
    async with shop.db.snapshot() as tx:
        rows = await tx.execute(sa.select(audit_entry.c.act).where(audit_entry.c.subject_kind == "figures_export"))
        assert {row.act for row in rows} >= {"figures_export_asked", "figures_export_downloaded"}


async def test_a_form_that_asks_for_something_else_is_refused_in_words_and_writes_nothing(
    manager: Browser, shop: Shop
) -> None:
    form = (await manager.open("/staff/figures")).form("/staff/figures/exports")
    refused = await manager.send(form, **{"release:customer": "on"})

    assert refused.status == 422
    assert "Only released figures leave the shop" in refused.text
    nowhere = await manager.send(form, **{"release:products:2026-Q3": "on", "quarter": "soon"})
    assert (nowhere.status, "Choose one of the quarters" in nowhere.text) == (422, True)
    async with shop.db.snapshot() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(figures_export)) == 0


@pytest.mark.parametrize("role", [Role.ORDERS, Role.PRIVACY])
async def test_others_read_figures_and_neither_ask_nor_take_them_out(shop: Shop, vault: Vault, role: Role) -> None:
    await a_released_quarter(shop.db, now=shop.runtime.clock.now())
    browser = await at_work(shop, vault, role)

    page = await browser.open("/staff/figures")

    assert "about 43 %" in page.text
    assert "/staff/figures/exports" not in page.read.forms
    sent = {"quarter": str(QUARTER), "sku": "kale"}
    for path in ("/staff/figures/questions", "/staff/figures/exports"):
        assert (await shop.ask("POST", path, data=sent)).status == 403
