"""Orders being watched: one look at the database for all of them together, however many pages are open."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final, Self

import structlog

from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.ids import OrderId
from kalecart.payments.reads import State, states_of

LOOK_EVERY_S: Final = 0.4
WATCHERS_MAX: Final = 2_000
# One person's pages. Without it, whoever opens one order often enough takes the places of all.
WATCHERS_PER_ORDER_MAX: Final = 20
# States of a refund that Stripe has yet to take; of a cancelled order's payment, which is about to be called off.
SENDING: Final = frozenset({"open", "unknown"})
UNDOING: Final = frozenset({"confirming", "action_needed", "declined"})

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class OrderState:
    """What a page that waits wants to know."""

    status: str
    payment: str
    refunds: str = ""

    @classmethod
    def of(cls, seen: State) -> Self:
        status, payment, refunds = seen
        return cls(status=status, payment=payment, refunds=refunds)

    @property
    def mark(self) -> str:
        """Names the state, so that who comes back can say what they saw last."""
        refunds = f".{self.refunds.replace(' ', '+')}" if self.refunds else ""
        return f"{self.status}.{self.payment}{refunds}"

    @property
    def final(self) -> bool:
        """Whether nothing will change any more while somebody watches."""
        if self.status == "placed" or not SENDING.isdisjoint(self.refunds.split()):
            return False
        undoing = self.payment in UNDOING or (self.payment == "paid" and not self.refunds)
        return not (self.status == "cancelled" and undoing)


@dataclass(eq=False)
class _Watched:
    watchers: int = 0
    state: OrderState | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def show(self, state: OrderState | None) -> None:
        if state != self.state:
            self.state = state
            self.wake()

    def wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class OrderStreams:
    """Looks while anybody watches, and sleeps otherwise."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._watched: dict[OrderId, _Watched] = {}
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def full(self, order_id: OrderId) -> bool:
        """Whether nobody more may watch: this order, or any."""
        watchers = {order: watched.watchers for order, watched in self._watched.items()}
        return watchers.get(order_id, 0) >= WATCHERS_PER_ORDER_MAX or sum(watchers.values()) >= WATCHERS_MAX

    async def close(self) -> None:
        """End every stream, so that the process can end."""
        self._closed = True
        for watched in self._watched.values():
            watched.wake()
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def follow(self, order_id: OrderId, *, quiet_s: float) -> AsyncGenerator[OrderState | None]:
        """Each state as it is reached, and None after every `quiet_s` in which nothing changed.

        Ends after a final state, or when the process stops. Whoever calls closes the iterator.
        """
        watched = self._watched.setdefault(order_id, _Watched())
        watched.watchers += 1
        self._look_on()
        seen: OrderState | None = None
        try:
            while not self._closed and not (seen and seen.final):
                changed = watched.changed
                if watched.state is not None and watched.state != seen:
                    seen = watched.state
                    yield seen
                    continue
                try:
                    async with asyncio.timeout(quiet_s):
                        await changed.wait()
                except TimeoutError:
                    yield None
        finally:
            watched.watchers -= 1
            if not watched.watchers:
                self._watched.pop(order_id, None)

    def _look_on(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="order streams")

    async def _look(self) -> None:
        while self._watched and not self._closed:
            try:
                async with self._db.direct() as pg:
                    states = await states_of(pg, list(self._watched))
                for order_id, state in states.items():
                    if (watched := self._watched.get(order_id)) is not None:
                        watched.show(OrderState.of(state))
            except Unavailable:
                log.warning("order_streams_paused")
            await asyncio.sleep(LOOK_EVERY_S)
