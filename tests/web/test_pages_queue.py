"""The queue's pages: what waits, what was given up, and what a manager can do about it without JavaScript."""

import asyncio
from contextlib import AsyncExitStack

import pytest_asyncio
import sqlalchemy as sa

from kalecart import audit, tasks
from kalecart.errors import Refused
from kalecart.ids import TaskId, new_id
from kalecart.jobs import ChargeOrder, Prune
from kalecart.scheduling import beat
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.tasks import alert, task
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Shop
from web.queue_watch import WATCHERS_PER_MEMBER_MAX, look


class Console(Browser):
    """A browser with somebody of the staff in front of it."""

    async def enter(self, role: Role) -> None:
        form = (await self.open("/staff/queue")).form("/staff/log-in")
        page = await self.send(form, email=f"{role.value}@example.com", password=PASSWORD)
        assert page.path == "/staff/queue"

    async def order(self) -> Page:
        await self.press(await self.open("/"), "kale:6")
        checkout = await self.signed_up()
        return await self.send(checkout.form("/checkout"), card="new", stripe_payment_method="pm_card_visa")

    async def charge(self) -> TaskId:
        """The task that charges the one order there is."""
        async with self.shop.db.snapshot() as tx:
            return TaskId(await tx.scalar(sa.select(task.c.id).where(task.c.topic == ChargeOrder.topic)))

    async def given_up(self) -> TaskId:
        return await self._gives_up(await self.charge())

    async def given_up_upkeep(self) -> TaskId:
        async with self.shop.db.transaction() as tx:
            promised = await tasks.promise(tx, Prune(slot="1"), now=self.shop.runtime.clock.now())
        assert promised is not None
        return await self._gives_up(promised.id)

    async def _gives_up(self, task_id: TaskId) -> TaskId:
        async with self.shop.db.direct() as pg:
            held = await tasks.claim(pg, task_id, now=self.shop.runtime.clock.now())
        assert held is not None
        async with self.shop.db.transaction() as tx:
            await tasks.fail(tx, held, Refused(), now=self.shop.runtime.clock.now())
        return task_id

    async def denials(self) -> list[audit.Line]:
        async with self.shop.db.snapshot() as tx:
            return await audit.lines_about(tx, ("right", "queue:act"), limit=10)


@pytest_asyncio.fixture
async def console(shop: Shop, vault: Vault, clock: FakeClock) -> Console:
    for role in Role:
        newcomer = NewStaff(name="Sam Staff", email=f"{role.value}@example.com", password=PASSWORD, role=role)
        await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    return Console(shop)


async def test_a_paused_topic_says_so_on_every_page_that_waits_for_it(console: Console) -> None:
    placed = await console.order()
    assert "We are confirming the payment" in placed.text
    await console.enter(Role.MANAGER)

    queue = await console.send((await console.open("/staff/queue")).form("/staff/queue/topics/charge_order/pause"))

    assert "Paused" in queue.text
    assert "Payments are being held for a moment by the shop" in (await console.open(placed.path)).text
    assert "Payments are held" in (await console.open(f"/staff{placed.path}")).text
    shown = await console.shop.get(f"/api/v1{placed.path}")
    assert shown.body["payment"]["state"] == "held"
    assert "topic paused" in (await console.open("/staff/queue/tasks?topic=charge_order")).text
    task_page = await console.open(f"/staff/queue/tasks/{await console.charge()}")
    assert "This topic is paused" in task_page.text
    await console.send(queue.form("/staff/queue/topics/charge_order/resume"))
    assert "We are confirming the payment" in (await console.open(placed.path)).text


async def test_a_given_up_task_is_found_by_its_order_and_retried_from_its_page(console: Console) -> None:
    placed = await console.order()
    task_id = await console.given_up()
    await console.enter(Role.MANAGER)
    assert "1 open alert" in (await console.open("/staff/queue")).text
    alerts = await console.open("/staff/alerts")
    assert "A task was given up" in alerts.text
    assert f"/staff/queue/tasks/{task_id}" in alerts.html

    listed = await console.open(f"/staff/queue/tasks?q={placed.path.split('/')[-1]}")
    page = await console.open(f"/staff/queue/tasks/{task_id}")
    retried = await console.send(page.form(f"/staff/queue/tasks/{task_id}/retry"))

    assert str(task_id) in listed.html
    assert "Refused" in page.text
    assert placed.path in page.html
    assert "Retried by staff" in retried.text
    assert "Nothing needs you" in (await console.open("/staff/alerts")).text


async def test_an_act_on_all_tells_how_many_before_it_is_done(console: Console) -> None:
    task_id = await console.given_up_upkeep()
    await console.enter(Role.MANAGER)

    asked = await console.open("/staff/queue/tasks/all/discard?state=dead&topic=prune")
    done = await console.send(asked.form("/staff/queue/tasks/all/discard"))

    assert "Discard 1 task?" in asked.text
    assert done.path.startswith("/staff/queue/tasks?")
    assert "1 task was discarded." in done.text
    assert "Discarded" in (await console.open(f"/staff/queue/tasks/{task_id}")).text
    again = await console.open("/staff/queue/tasks/all/discard?state=dead")
    assert "/staff/queue/tasks/all/discard" not in again.read.forms
    assert "No task that matches" in again.text


async def test_a_task_that_money_waits_for_can_be_retried_and_not_discarded(console: Console) -> None:
    await console.order()
    task_id = await console.given_up()
    await console.enter(Role.MANAGER)

    page = await console.open(f"/staff/queue/tasks/{task_id}")
    listed = await console.open("/staff/queue/tasks?topic=charge_order")
    refused = await console.shop.ask("POST", f"/staff/queue/tasks/{task_id}/discard")
    program = await console.shop.ask("POST", f"/api/v1/staff/queue/tasks/{task_id}/discard")
    everything = await console.open("/staff/queue/tasks/all/discard?topic=charge_order")

    assert f"/staff/queue/tasks/{task_id}/retry" in page.html
    assert f"/staff/queue/tasks/{task_id}/discard" not in page.html
    assert "It cannot be discarded: without it money would stay undone." in page.text
    assert ("Retry all 1" in listed.text, "Discard all" in listed.text) == (True, False)
    assert (refused.status, "Mend what its last error names" in refused.body) == (409, True)
    assert (program.status, program.problem) == (409, "task-needed")
    assert "can only be retried" in everything.text


async def test_a_running_task_cannot_be_retried_and_the_page_says_why(console: Console) -> None:
    await console.order()
    task_id = await console.charge()
    await console.enter(Role.MANAGER)
    form = (await console.open(f"/staff/queue/tasks/{task_id}")).form(f"/staff/queue/tasks/{task_id}/retry")
    async with console.shop.db.direct() as pg:
        assert await tasks.claim(pg, task_id, now=console.shop.runtime.clock.now())

    refused = await console.send(form)

    assert refused.status == 409
    assert "This task is running." in refused.text


async def test_who_may_only_look_is_refused_with_403_and_a_line_in_the_audit_trail(console: Console) -> None:
    await console.order()
    task_id = await console.charge()
    await console.enter(Role.ORDERS)
    looked = await console.open("/staff/queue")
    assert "/staff/queue/topics/charge_order/pause" not in looked.html

    page = await console.shop.ask("POST", "/staff/queue/topics/charge_order/pause")
    program = await console.shop.ask("POST", f"/api/v1/staff/queue/tasks/{task_id}/discard")

    assert (page.status, program.status, program.problem) == (403, 403, "role-forbids")
    denied = await console.denials()
    assert [line.detail["route"] for line in denied] == [
        "/api/v1/staff/queue/tasks/{task_id}/{act}",
        "/staff/queue/topics/{topic}/pause",
    ]
    async with console.shop.db.snapshot() as tx:
        assert await tx.scalar(sa.select(task.c.state).where(task.c.id == task_id)) == "pending"
        assert await tasks.paused_topics(tx) == {}


async def test_filters_are_in_the_address_and_what_cannot_be_read_filters_nothing(console: Console) -> None:
    await console.order()
    task_id = str(await console.charge())
    await console.enter(Role.ORDERS)

    assert task_id in (await console.open("/staff/queue/tasks?state=due&topic=charge_order")).html
    assert task_id in (await console.open("/staff/queue/tasks?state=nonsense&topic=x&before=never")).html
    assert "No task matches" in (await console.open("/staff/queue/tasks?state=dead")).text
    assert "No task matches" in (await console.open(f"/staff/queue/tasks?q={new_id()}")).text
    for path in (f"/staff/queue/tasks/{new_id()}", "/staff/queue/tasks/nonsense", "/staff/queue/tasks/all/nonsense"):
        assert (await console.open(path)).status in {403, 404}, path


async def test_without_valkey_the_page_says_that_orders_go_on(console: Console, clock: FakeClock) -> None:
    await beat("worker:here:1", db=console.shop.db, now=clock.now(), mode="direct")
    await beat("worker:here:2", db=console.shop.db, now=clock.now(), mode="hints")
    await console.enter(Role.ORDERS)

    page = await console.open("/staff/queue")
    metrics = await console.shop.get("/metrics")

    assert "Valkey does not answer 1 worker of 2" in page.text
    assert 'kalecart_workers{mode="direct"} 1.0' in metrics.body


async def test_the_queues_figures_are_metrics(console: Console, clock: FakeClock) -> None:
    await console.order()
    clock.advance(seconds=7)
    async with console.shop.db.transaction() as tx:
        await tasks.raise_alert(tx, "wrong_amount", "1", now=clock.now())

    told = (await console.shop.get("/metrics")).body

    assert 'kalecart_tasks{state="due",topic="charge_order"} 1.0' in told
    assert 'kalecart_tasks{state="dead",topic="charge_order"} 0.0' in told
    assert 'kalecart_tasks_oldest_due_seconds{topic="charge_order"} 7.0' in told
    assert 'kalecart_alerts_open{kind="wrong_amount"} 1.0' in told


async def test_an_alert_is_resolved_by_who_may(console: Console, clock: FakeClock) -> None:
    async with console.shop.db.transaction() as tx:
        await tasks.raise_alert(tx, "wrong_amount", str(new_id()), now=clock.now())
        alert_id = await tx.scalar(sa.select(alert.c.id))
    await console.enter(Role.MANAGER)

    page = await console.send((await console.open("/staff/alerts")).form(f"/staff/alerts/{alert_id}/resolve"))

    assert "Nothing needs you" in page.text


async def test_an_open_page_hears_of_a_change_and_a_stranger_hears_nothing(console: Console) -> None:
    stranger = await console.shop.ask("GET", "/staff/queue/stream", allow_redirects=False)
    assert stranger.status == 303
    await console.enter(Role.ORDERS)

    async with asyncio.timeout(120), console.shop.client.get("/staff/queue/stream") as stream:
        first = await stream.content.readline()

    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert first == b"event: queue\n"


async def test_the_list_of_orders_follows_what_others_do_with_them(console: Console, clock: FakeClock) -> None:
    placed = await console.order()
    await console.shop.charge(placed.path)
    await console.enter(Role.ORDERS)
    listed = await console.open("/staff/orders?status=paid")
    before = (await look(console.shop.db, clock)).mark

    await console.shop.ask("POST", f"/staff{placed.path}/picking")
    part = await console.shop.get("/staff/orders?status=picking", headers={"HX-Request": "true"})

    assert ("/staff/queue/stream" in listed.html, 'hx-get="/staff/orders?status=paid"' in listed.html) == (True, True)
    assert (await look(console.shop.db, clock)).mark != before
    assert ("<html" in part.body, placed.path in part.body) == (False, True)


async def test_one_member_of_staff_cannot_watch_so_often_that_nobody_else_can(console: Console) -> None:
    watched = "/staff/queue/stream"
    await console.enter(Role.ORDERS)

    async with asyncio.timeout(120), AsyncExitStack() as tabs:
        for _ in range(WATCHERS_PER_MEMBER_MAX):
            stream = await tabs.enter_async_context(console.shop.client.get(watched))
            assert await stream.content.readline() == b"event: queue\n"
        refused = await console.shop.ask("GET", watched)
        await console.send((await console.open("/staff/queue")).form("/staff/log-out"))
        await console.enter(Role.MANAGER)
        another = await tabs.enter_async_context(console.shop.client.get(watched))

        assert (refused.status, another.status) == (503, 200)
