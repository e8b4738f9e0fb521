"""The outbox of the console: what was written and how far it is; whom it is to only for a purpose and on record."""

from datetime import timedelta

import pytest_asyncio
import sqlalchemy as sa

from kalecart import tasks
from kalecart.controls import record_control
from kalecart.ids import OrderId, TaskId, new_id
from kalecart.inbound.outcome import Outcome
from kalecart.inbound.reads import CONTROL
from kalecart.inbound.store import note
from kalecart.jobs import MailKind, SendMail
from kalecart.mail.tables import mail
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


async def test_the_outbox_says_what_came_back_and_whether_anybody_reads_the_mailbox(
    browser: Browser, order_id: OrderId
) -> None:
    assert "No mailbox is read." in (await browser.open("/staff/mail")).text
    db, now = browser.shop.db, browser.shop.runtime.clock.now()
    async with db.transaction() as tx:
        back = {"state": "sent", "sent_at": now, "returned_at": now, "return_code": "5.1.1"}
        await tx.execute(sa.update(mail).values(**back))
        await record_control(tx, CONTROL, passed=True, detail="the mailbox was read", now=now)
        for number, outcome in enumerate((Outcome.CAME_BACK, Outcome.COMPLAINT, Outcome.COMPLAINT)):
            await note(tx, bytes([number]), outcome, now=now)

    page = await browser.open("/staff/mail?state=returned")
    assert "Read every minute" in page.text
    assert "Complaints 2" in " ".join(page.text.split())
    assert "Came back 5.1.1" in " ".join(page.text.split())
    (path,) = {word for word in page.html.split('"') if word.startswith("/staff/mail/")}
    assert "with the code 5.1.1. It did not reach its person" in (await browser.open(path)).text

    async with db.transaction() as tx:
        await tx.execute(sa.update(mail).values(returned_at=None, return_code=None))
        later = now + timedelta(minutes=1)
        await record_control(tx, CONTROL, passed=False, detail="the mailbox did not answer", now=later)
    page = await browser.open("/staff/mail?state=returned")
    assert "It did not answer" in page.text
    assert "No message in this state" in page.text
