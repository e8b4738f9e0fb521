from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import pytest_asyncio
import sqlalchemy as sa
from pydantic import SecretStr

from kalecart import tasks
from kalecart.database import Database
from kalecart.ids import OrderId, RefundId, TaskId
from kalecart.jobs import JOBS, MailKind, SendMail
from kalecart.mail.smtp import SmtpPostman
from kalecart.mail.tables import mail
from kalecart.payments.stripe import StripeGateway
from kalecart.runtime import Runtime
from kalecart.settings import Settings
from kalecart.tasks import alert, task
from kalecart.vault import Vault
from tests.builders import Shopper, a_paid_order, a_product, a_refund, a_shopper
from tests.clock import FakeClock
from tests.hints import RecordedHints
from tests.post_office import PostOffice, running_post_office
from tests.server import Server
from workers.broker import PERFORMERS
from workers.performing import perform_task


class AlreadyPromised(Exception):
    pass


class Desk:
    """A paid order and a worker, with no more rights than a worker has, that writes to its customer."""

    def __init__(self, db: Database, runtime: Runtime, shopper: Shopper, order_id: OrderId) -> None:
        self.db, self.runtime, self.shopper, self.order_id = db, runtime, shopper, order_id

    async def promise(self, kind: MailKind = MailKind.ORDER_RECEIPT, **but: object) -> TaskId:
        job = SendMail(**({"kind": kind, "subject": self.order_id} | but))  # ty: ignore[invalid-argument-type]
        async with self.db.transaction() as tx:
            promised = await tasks.promise(tx, job, now=self.runtime.clock.now())
        if promised is None:
            raise AlreadyPromised
        return promised.id

    async def work(self, task_id: TaskId, runtime: Runtime | None = None) -> None:
        await perform_task(task_id, PERFORMERS[JOBS["send_mail"]], runtime or self.runtime)

    async def repeat(self, task_id: TaskId, runtime: Runtime | None = None) -> None:
        """As after a lease that lapsed, or a database that went away before it heard that the task is done."""
        async with self.db.transaction() as tx:
            again = sa.update(task).where(task.c.id == task_id)
            await tx.execute(again.values(state="pending", lease=None, lease_until=None, due_at=task.c.promised_at))
        await self.work(task_id, runtime)

    async def sends(self, kind: MailKind = MailKind.ORDER_RECEIPT, **but: object) -> None:
        """Once: what was promised before is promised no second time."""
        with suppress(AlreadyPromised):
            await self.work(await self.promise(kind, **but))

    async def gives_back(self, reason: str, *, state: str = "succeeded", **cents: int) -> RefundId:
        return await a_refund(self.db, self.order_id, reason, cents, now=self.runtime.clock.now(), state=state)

    async def run(self, statement: str, **values: object) -> None:
        async with self.db.transaction() as tx:
            await tx.execute(sa.text(statement), values)

    async def rows(self) -> list[sa.Row]:
        async with self.db.transaction() as tx:
            return list((await tx.execute(sa.select(mail).order_by(mail.c.id))).all())

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def alerts(self) -> set[str]:
        async with self.db.transaction() as tx:
            return set((await tx.execute(sa.select(alert.c.kind).where(alert.c.resolved_at.is_(None)))).scalars())

    async def task_state(self, task_id: TaskId) -> tuple[str, object]:
        async with self.db.transaction() as tx:
            row = (await tx.execute(sa.select(task.c.state, task.c.due_at).where(task.c.id == task_id))).one()
        return row.state, row.due_at

    @property
    def without_a_server(self) -> Runtime:
        return replace(self.runtime, postman=None)


@pytest_asyncio.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with running_post_office() as office:
        yield office


@pytest_asyncio.fixture
async def desk(
    db: Database, as_worker: Database, vault: Vault, clock: FakeClock, server: Server, office: PostOffice
) -> Desk:
    settings = Settings(
        database_url=SecretStr("unused"),
        valkey_url=SecretStr("unused"),
        master_key_file=server.master_key_file,
        public_url="https://shop.example",
    )
    runtime = Runtime(
        db=as_worker,
        clock=clock,
        vault=vault,
        gateway=StripeGateway("sk_test_unused", api_base="http://127.0.0.1:1", webhook_secret="unused", shop_url=""),
        dispatcher=RecordedHints(),  # ty: ignore[invalid-argument-type]
        settings=settings,
        postman=SmtpPostman(office.url, sender="KaleCart <receipts@shop.example>"),
    )
    await a_product(db, "kale", price_cents=500)
    shopper = await a_shopper(db, vault, now=clock.now())
    await shopper.puts("kale", 4, now=clock.now())
    order_id = await a_paid_order(shopper, 2_499, clock=clock)
    return Desk(db, runtime, shopper, order_id)
