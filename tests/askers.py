"""Customers who ask for what is held about them."""

import io
import zipfile
from typing import Any

from kalecart import tasks
from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.ids import CustomerId, RequestId
from kalecart.jobs import FulfilRequest
from kalecart.privacy import reads
from kalecart.privacy.ask import ask_in_account
from kalecart.privacy.fulfil import fulfil_request
from kalecart.privacy.hand_over import hand_over, open_link
from kalecart.privacy.reads import Shown
from kalecart.privacy.request import Kind, Request
from kalecart.privacy.subject import Person
from tests.people import PASSWORD, Door

BEA = {"name": "Bea Quince", "email": "bea.quince@example.org", "phone": "(310) 555-0177"}


class Stripe:
    """Holds a card and nothing else about anybody, and may be away."""

    def __init__(self) -> None:
        self.away = False

    async def held_about(self, stripe_customer_id: str) -> list[dict[str, Any]]:
        if self.away:
            raise Unavailable("Nobody is there.")
        return [{"id": stripe_customer_id, "kind": "customer"}, {"id": "pm_1", "kind": "card", "last4": "4242"}]


class Asker:
    """A customer who asks for what is held about them, and the worker that answers."""

    def __init__(self, door: Door, customer_id: CustomerId) -> None:
        self.door, self.id = door, customer_id
        self.stripe: Any = Stripe()

    async def asks(self, kind: Kind = Kind.ACCESS, password: str = PASSWORD) -> Request:
        d = self.door
        return await ask_in_account(
            kind, customer_id=self.id, password=password, db=d.db, clock=d.clock, allowances=d.allowances
        )

    async def gets(self, request_id: RequestId) -> dict[str, bytes]:
        d = self.door
        token = await open_link(
            request_id, customer_id=self.id, password=PASSWORD, db=d.db, clock=d.clock, allowances=d.allowances
        )
        return await self.opens(request_id, token)

    async def opens(self, request_id: RequestId, token: str) -> dict[str, bytes]:
        d = self.door
        got = await hand_over(request_id, token, person=Person.customer(self.id), db=d.db, vault=d.vault, clock=d.clock)
        with zipfile.ZipFile(io.BytesIO(got.content)) as packed:
            return {name: packed.read(name) for name in packed.namelist()}

    async def link(self, request_id: RequestId) -> str:
        d = self.door
        return await open_link(
            request_id, customer_id=self.id, password=PASSWORD, db=d.db, clock=d.clock, allowances=d.allowances
        )

    async def works(self, request_id: RequestId, db: Database | None = None) -> None:
        """As the worker does: the task is claimed, performed, finished."""
        d = self.door
        async with d.db.direct() as pg:
            task_id = await pg.fetchval("SELECT id FROM task WHERE key = $1", FulfilRequest(request_id=request_id).key)
            held = await tasks.claim(pg, task_id, now=d.clock.now())
        await fulfil_request(request_id, held, db=db or d.db, vault=d.vault, clock=d.clock, gateway=self.stripe)

    async def sees(self, request_id: RequestId) -> Shown:
        async with self.door.db.snapshot() as tx:
            return await reads.shown(tx, request_id, Person.customer(self.id))
