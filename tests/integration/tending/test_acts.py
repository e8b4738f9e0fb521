"""What staff do about tasks, with the rights the web has: pause, try again, discard, resolve, all of it on record."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart import audit, tasks
from kalecart.database import Database
from kalecart.errors import NotFound, Refused, Unavailable
from kalecart.ids import OrderId, RefundId, StaffId, TaskId, new_id
from kalecart.jobs import ChargeOrder, Job, Prune, SendRefund, SettleCancellation, SettleEvent
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.rights import Role
from kalecart.sweep import PUSH_AGAIN, sweep
from kalecart.tasks import ARROWS, alert, task
from kalecart.tending.act import AT_ONCE_MAX, Act, TaskEnded, TaskNeeded, TaskRunning, act_on_all, act_on_task
from kalecart.tending.deny import record_denial
from kalecart.tending.pause import pause_topic, resume_topic
from kalecart.tending.reads import count_to_act_on, depths, open_alerts, tasks_page, whole_task
from kalecart.tending.resolve import resolve_alert
from kalecart.tending.task_filter import Lane, TaskFilter
from tests.clock import FakeClock
from tests.hints import RecordedHints

MANAGER = StaffMember(id=StaffId(new_id()), role=Role.MANAGER)


class Queue:
    """Tasks in whatever state a test wants, and what staff do with them over the web's own log-in."""

    def __init__(self, db: Database, web: Database, clock: FakeClock) -> None:
        self.db, self.web, self.clock = db, web, clock
        self.hints = RecordedHints()

    async def promised(self, job: Job | None = None, *, due_at: Any = None) -> TaskId:
        async with self.db.transaction() as tx:
            written = await tasks.promise(
                tx, job or Prune(slot=str(new_id())), now=self.clock.now(), due_at=due_at or self.clock.now()
            )
        assert written is not None
        return written.id

    async def failed(self, error: Exception, job: Job | None = None) -> TaskId:
        task_id = await self.promised(job)
        async with self.db.direct() as pg:
            held = await tasks.claim(pg, task_id, now=self.clock.now())
        assert held is not None
        async with self.db.transaction() as tx:
            await tasks.fail(tx, held, error, now=self.clock.now())
        return task_id

    async def running(self) -> TaskId:
        task_id = await self.promised()
        async with self.db.direct() as pg:
            assert await tasks.claim(pg, task_id, now=self.clock.now())
        return task_id

    async def done(self) -> TaskId:
        task_id = await self.promised()
        async with self.db.direct() as pg:
            held = await tasks.claim(pg, task_id, now=self.clock.now())
        async with self.db.transaction() as tx:
            await tasks.finish(tx, held, now=self.clock.now())
        return task_id

    async def act(self, act: Act, task_id: TaskId, by: StaffMember = MANAGER) -> None:
        await act_on_task(act, task_id, by=by, db=self.web, clock=self.clock, dispatcher=self.hints)  # ty: ignore[invalid-argument-type]

    async def act_on_all(self, act: Act, wanted: TaskFilter, told: int = 1_000) -> int:
        return await act_on_all(
            act,
            wanted,
            told=told,
            by=MANAGER,
            db=self.web,
            clock=self.clock,
            dispatcher=self.hints,  # ty: ignore[invalid-argument-type]
        )

    async def row(self, task_id: TaskId) -> Any:
        async with self.db.snapshot() as tx:
            return (await tx.execute(sa.select(task).where(task.c.id == task_id))).one()

    async def found(self, **wanted: Any) -> set[TaskId]:
        async with self.web.snapshot() as tx:
            page = await tasks_page(tx, TaskFilter(**wanted), limit=100, now=self.clock.now())
        return {view.id for view in page}

    async def acts_on(self, kind: str, subject: object) -> list[str]:
        async with self.web.snapshot() as tx:
            return [line.act for line in await audit.lines_about(tx, (kind, subject), limit=10)]

    async def alerts(self) -> list[str]:
        async with self.web.snapshot() as tx:
            return [each.subject for each in await open_alerts(tx, limit=10)]


@pytest_asyncio.fixture
async def queue(db: Database, as_web: Database, clock: FakeClock) -> Queue:
    return Queue(db, as_web, clock)


async def test_a_dead_letter_that_is_retried_begins_anew_and_its_alert_is_closed(queue: Queue) -> None:
    task_id = await queue.failed(Refused())
    assert await queue.alerts() == [str(task_id)]
    queue.clock.advance(minutes=5)

    await queue.act(Act.RETRY, task_id)

    row = await queue.row(task_id)
    assert (row.state, row.attempts, row.due_at, row.ended_at) == ("pending", 0, queue.clock.now(), None)
    assert queue.hints.sent == [(task_id, "prune")]
    assert await queue.alerts() == []
    assert await queue.acts_on("task", task_id) == ["task_retried"]


async def test_a_task_that_waits_for_its_backoff_is_due_at_once_and_keeps_its_count(queue: Queue) -> None:
    task_id = await queue.failed(Unavailable())
    assert (await queue.row(task_id)).due_at > queue.clock.now()

    await queue.act(Act.RETRY, task_id)

    row = await queue.row(task_id)
    assert (row.state, row.attempts, row.due_at) == ("pending", 1, queue.clock.now())


async def test_a_task_that_is_due_already_does_not_lose_its_turn(queue: Queue) -> None:
    since = queue.clock.now()
    task_id = await queue.promised()
    queue.clock.advance(minutes=5)

    await queue.act(Act.RETRY, task_id)

    assert (await queue.row(task_id)).due_at == since


@pytest.mark.parametrize("act", Act)
async def test_a_running_task_is_left_to_its_worker(queue: Queue, act: Act) -> None:
    task_id = await queue.running()

    with pytest.raises(TaskRunning):
        await queue.act(act, task_id)

    assert (await queue.row(task_id)).state == "running"
    assert await queue.acts_on("task", task_id) == []


@pytest.mark.parametrize("act", Act)
async def test_what_has_ended_stays_ended(queue: Queue, act: Act) -> None:
    done = await queue.done()
    discarded = await queue.promised()
    await queue.act(Act.DISCARD, discarded)

    for task_id in (done, discarded):
        with pytest.raises(TaskEnded):
            await queue.act(act, task_id)
    with pytest.raises(NotFound):
        await queue.act(act, TaskId(new_id()))


async def test_a_discarded_task_is_never_worked_and_may_not_be_promised_again(queue: Queue) -> None:
    waiting, dead = await queue.promised(Prune(slot="1")), await queue.failed(Refused())
    for task_id in (waiting, dead):
        await queue.act(Act.DISCARD, task_id)

    row = await queue.row(waiting)
    assert (row.state, row.ended_at) == ("discarded", queue.clock.now())
    assert await queue.alerts() == []
    async with queue.db.transaction() as tx:
        assert await tasks.promise(tx, Prune(slot="1"), now=queue.clock.now()) is None
    async with queue.db.direct() as pg:
        assert await tasks.claim(pg, waiting, now=queue.clock.now()) is None
        assert await tasks.claim_due(pg, ["prune"], most=9, now=queue.clock.now()) == []


async def test_all_that_match_are_acted_on_and_no_more_than_was_told(queue: Queue) -> None:
    dead = [await queue.failed(Refused()) for _ in range(3)]
    other = await queue.failed(Refused(), ChargeOrder(order_id=OrderId(new_id()), attempt=1))
    running = await queue.running()
    wanted = TaskFilter(topic="prune")
    async with queue.web.snapshot() as tx:
        assert await count_to_act_on(tx, wanted, now=queue.clock.now()) == 3

    first = await queue.act_on_all(Act.RETRY, replace(wanted, lane=Lane.DEAD), told=2)
    rest = await queue.act_on_all(Act.DISCARD, replace(wanted, lane=Lane.DEAD))

    assert (first, rest) == (2, 1)
    assert sorted([(await queue.row(each)).state for each in dead]) == ["discarded", "pending", "pending"]
    assert (await queue.row(other)).state == "dead"
    assert (await queue.row(running)).state == "running"
    assert sorted([(await queue.acts_on("task", each))[0] for each in dead]) == [
        "task_discarded",
        "task_retried",
        "task_retried",
    ]
    assert AT_ONCE_MAX >= 100


@pytest.mark.parametrize(
    "job",
    [
        ChargeOrder(order_id=OrderId(new_id()), attempt=1),
        SendRefund(refund_id=RefundId(new_id())),
        SettleCancellation(order_id=OrderId(new_id()), cause="cancelled"),
        SettleEvent(event_id="evt_1"),
    ],
    ids=lambda job: job.topic,
)
async def test_a_task_without_which_money_stays_undone_is_never_discarded(queue: Queue, job: Job) -> None:
    task_id = await queue.failed(Refused(), job)

    with pytest.raises(TaskNeeded):
        await queue.act(Act.DISCARD, task_id)
    discarded = await queue.act_on_all(Act.DISCARD, TaskFilter(topic=job.topic))
    await queue.act(Act.RETRY, task_id)

    assert (discarded, (await queue.row(task_id)).state) == (0, "pending")
    assert await queue.acts_on("task", task_id) == ["task_retried"]


async def test_an_act_on_nothing_writes_nothing(queue: Queue) -> None:
    assert await queue.act_on_all(Act.DISCARD, TaskFilter(lane=Lane.DEAD)) == 0
    assert queue.hints.sent == []


async def test_a_task_is_found_by_its_id_and_by_any_id_in_it(queue: Queue) -> None:
    order = OrderId(new_id())
    charge = await queue.promised(ChargeOrder(order_id=order, attempt=1))
    again = await queue.promised(ChargeOrder(order_id=order, attempt=2))
    await queue.promised()

    assert await queue.found(q=str(order)) == {charge, again}
    assert await queue.found(q=str(order).upper()) == {charge, again}
    assert await queue.found(q=str(charge)) == {charge}
    assert await queue.found(q="'; DROP TABLE task; --") == set()


async def test_every_task_is_in_one_lane(queue: Queue) -> None:
    now = queue.clock.now()
    made = {
        Lane.LATER: await queue.promised(due_at=now + timedelta(hours=1)),
        Lane.DUE: await queue.promised(),
        Lane.RETRYING: await queue.failed(Unavailable()),
        Lane.RUNNING: await queue.running(),
        Lane.DEAD: await queue.failed(Refused()),
        Lane.DONE: await queue.done(),
        Lane.DISCARDED: await queue.promised(),
    }
    await queue.act(Act.DISCARD, made[Lane.DISCARDED])

    assert {lane: await queue.found(lane=lane) for lane in Lane} == {lane: {made[lane]} for lane in Lane}
    async with queue.web.direct() as pg:
        (depth,) = [each for each in await depths(pg, now=now) if each.topic == "prune"]
    assert (depth.due, depth.later, depth.retrying, depth.running, depth.dead) == (1, 1, 1, 1, 1)
    assert (depth.done_lately, depth.oldest_at, depth.paused_at) == (1, now, None)


async def test_a_list_goes_on_after_its_last_task(queue: Queue) -> None:
    made = [await queue.promised() for _ in range(5)]
    async with queue.web.snapshot() as tx:
        first = await tasks_page(tx, TaskFilter(), limit=3, now=queue.clock.now())
        rest = await tasks_page(tx, TaskFilter(), limit=3, before=first[-1].id, now=queue.clock.now())

    assert [view.id for view in (*first, *rest)] == sorted(made, reverse=True)


async def test_a_paused_topic_says_so_and_what_became_due_goes_on_when_it_is_resumed(queue: Queue) -> None:
    for _ in range(2):
        await pause_topic("prune", by=MANAGER, db=queue.web, clock=queue.clock)
    task_id = await queue.promised()
    queue.clock.advance(minutes=30)
    async with queue.web.snapshot() as tx:
        held_back = await tasks.paused_topics(tx)
        whole = await whole_task(tx, task_id, now=queue.clock.now())
    for _ in range(2):
        await resume_topic("prune", by=MANAGER, db=queue.web, clock=queue.clock)

    pushed = await sweep(db=queue.db, clock=queue.clock, dispatcher=queue.hints)  # ty: ignore[invalid-argument-type]

    assert set(held_back) == {"prune"}
    assert whole is not None
    assert whole.task.paused
    assert (pushed, queue.hints.sent) == (1, [(task_id, "prune")])
    assert await queue.acts_on("topic", "prune") == ["topic_resumed", "topic_paused"]


async def test_what_a_pause_made_wait_long_is_pushed_at_once(queue: Queue) -> None:
    task_id = await queue.promised()
    for _ in range(6):
        queue.clock.advance(seconds=PUSH_AGAIN.total_seconds() * 200)
        await sweep(db=queue.db, clock=queue.clock, dispatcher=RecordedHints())  # ty: ignore[invalid-argument-type]
    await pause_topic("prune", by=MANAGER, db=queue.web, clock=queue.clock)
    await resume_topic("prune", by=MANAGER, db=queue.web, clock=queue.clock)

    await sweep(db=queue.db, clock=queue.clock, dispatcher=queue.hints)  # ty: ignore[invalid-argument-type]

    assert queue.hints.sent == [(task_id, "prune")]


async def test_only_a_known_topic_is_paused(queue: Queue) -> None:
    for verb in (pause_topic, resume_topic):
        with pytest.raises(NotFound):
            await verb("nonsense", by=MANAGER, db=queue.web, clock=queue.clock)


async def test_an_alert_is_resolved_once_and_may_be_raised_again(queue: Queue) -> None:
    async with queue.db.transaction() as tx:
        await tasks.raise_alert(tx, "wrong_amount", "1", now=queue.clock.now())
    async with queue.db.snapshot() as tx:
        alert_id = await tx.scalar(sa.select(alert.c.id))

    await resolve_alert(alert_id, by=MANAGER, db=queue.web, clock=queue.clock)

    with pytest.raises(NotFound):
        await resolve_alert(alert_id, by=MANAGER, db=queue.web, clock=queue.clock)
    assert await queue.alerts() == []
    assert await queue.acts_on("alert", alert_id) == ["alert_resolved"]
    async with queue.db.transaction() as tx:
        await tasks.raise_alert(tx, "wrong_amount", "1", now=queue.clock.now())
    assert await queue.alerts() == ["1"]


async def test_nobody_but_a_manager_acts(queue: Queue) -> None:
    somebody = StaffMember(id=StaffId(new_id()), role=Role.ORDERS)
    task_id = await queue.promised()

    with pytest.raises(RoleForbids):
        await queue.act(Act.DISCARD, task_id, by=somebody)
    with pytest.raises(RoleForbids):
        await pause_topic("prune", by=somebody, db=queue.web, clock=queue.clock)
    with pytest.raises(RoleForbids):
        await resolve_alert(new_id(), by=somebody, db=queue.web, clock=queue.clock)

    assert (await queue.row(task_id)).state == "pending"


async def test_a_refusal_is_kept_with_who_what_and_where(queue: Queue) -> None:
    await record_denial("queue:act", of=MANAGER, where="/staff/queue/{topic}", db=queue.web, clock=queue.clock)

    async with queue.web.snapshot() as tx:
        (line,) = await audit.lines_about(tx, ("right", "queue:act"), limit=10)
    assert (line.act, line.actor_id, line.detail) == (
        "denied",
        MANAGER.id,
        {"role": "manager", "route": "/staff/queue/{topic}"},
    )


def test_staff_change_a_tasks_state_only_along_the_arrows() -> None:
    assert {state for state, after in ARROWS.items() if "discarded" in after} == {"pending", "dead"}
    assert ARROWS["running"] == {"pending", "done", "dead"}
    rule = next(str(check.sqltext) for check in task.constraints if check.name == "task_state_known")
    assert all(f"'{state}'" in rule for state in ARROWS)
