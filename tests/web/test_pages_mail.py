"""The outbox of the console: what was written and how far it is; whom it is to only for a purpose and on record."""

import pytest_asyncio
import sqlalchemy as sa

from kalecart import tasks
from kalecart.ids import OrderId, TaskId, new_id
from kalecart.jobs import MailKind, SendMail
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.staff.tables import staff_view
from kalecart.vault import Vault
from tests.builders import a_paid_order, a_shopper
from tests.clock import FakeClock
from tests.web.page import Browser
from tests.web.shop import PASSWORD, Shop
from workers.mail import send
from workers.performing import perform_task

STAFF = "orders@example.com"


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault, clock: FakeClock) -> Browser:
    newcomer = NewStaff(name="Sam Staff", email=STAFF, password=PASSWORD, role=Role.ORDERS)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    browser = Browser(shop)
    await browser.send((await browser.open("/staff/mail")).form("/staff/log-in"), email=STAFF, password=PASSWORD)
    return browser


@pytest_asyncio.fixture
async def order_id(shop: Shop, vault: Vault, clock: FakeClock) -> OrderId:
    """Paid, and its receipt held: this shop has no mail server."""
    shopper = await a_shopper(shop.db, vault, now=clock.now(), window=shop.window)
    await shopper.puts("kale", 6, now=clock.now())
    order_id = await a_paid_order(shopper, 2_593, clock=clock)
    async with shop.db.transaction() as tx:
        receipt = SendMail(kind=MailKind.ORDER_RECEIPT, subject=order_id)
        promised = await tasks.promise(tx, receipt, now=clock.now())
    assert promised is not None
    as_owner = type(shop.runtime)(**(vars(shop.runtime) | {"db": shop.db}))
    await perform_task(TaskId(promised.id), send, as_owner)
    return order_id


async def test_without_a_mail_server_the_outbox_shows_what_is_held(browser: Browser, order_id: OrderId) -> None:
    page = await browser.open("/staff/mail?state=nonsense&before=x")

    assert page.path.startswith("/staff/mail")
    assert "No mail server is set up" in page.text
    assert "Receipt" in page.text
    assert f"/staff/orders/{order_id}" in page.html
    assert "No message in this state" in (await browser.open("/staff/mail?state=sent")).text
    assert str(order_id) in (await browser.open("/staff/mail?state=held")).html


async def test_a_letter_is_shown_only_for_a_purpose_and_the_look_is_on_record(
    browser: Browser, order_id: OrderId
) -> None:
    (path,) = [word for word in (await browser.open("/staff/mail")).html.split('"') if word.startswith("/staff/mail/")]
    page = await browser.open(path)
    assert "shopper@example.com" not in page.html

    unsaid = await browser.send(page.form(path), purpose="")
    shown = await browser.send(page.form(path), purpose="question")

    assert unsaid.status == 422
    assert "shopper@example.com" not in unsaid.html
    assert "shopper@example.com" in shown.text
    assert "VISA ending 4242" in shown.text
    assert "style-src 'self' 'unsafe-inline'" in shown.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    async with browser.shop.db.transaction() as tx:
        looks = (await tx.execute(sa.select(staff_view.c.purpose))).scalars().all()
    assert looks == ["question"]


async def test_a_message_that_never_was_is_not_found(browser: Browser) -> None:
    for path in (f"/staff/mail/{new_id()}", "/staff/mail/nonsense"):
        assert (await browser.open(path)).status == 404
