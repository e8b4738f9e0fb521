"""Stripe, as the stand-in plays it in this process: its clock is the year's, and so are its webhooks' misadventures."""

import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from aiohttp import ClientSession, web

from kalecart.payments.receive_event import receive_event
from kalecart.runtime import Runtime
from local.ports import HOST
from simulation.clock import Time
from stripesim.app import Options, make_app
from stripesim.bank_accounts import KIND, ROUTING_NUMBER
from stripesim.journal import encode
from stripesim.plans import perform_due
from stripesim.stand_in import HAPPENINGS, STAND_IN
from stripesim.webhooks import signature
from stripesim.world import World

BANK_TAKES: Final = timedelta(days=3)
LOST, TWICE, SWAPPED = 0.03, 0.05, 0.05


@dataclass
class Bank:
    """`heard` are the events whose delivery is under way; a lost one is found again by whoever reads Stripe's list."""

    world: World
    url: str
    chance: Random
    heard: deque[str] = field(default_factory=deque)
    lost: int = 0

    def pass_time(self) -> None:
        """Let happen at Stripe what the present instant brings."""
        perform_due(self.world, HAPPENINGS)

    @property
    def next_at(self) -> datetime | None:
        times = [plan["at"] for plan in self.world.plans.values()]
        return datetime.fromtimestamp(min(times), UTC) if times else None

    async def link(self, secret: str, number: str, *, at_once: bool) -> None:
        """What somebody types into Stripe's own dialog: their account, with a log-in at their bank that proves it or
        without."""
        typed = {
            "billing_details[name]": "An Owner",
            "client_secret": secret,
            "instantly": "true" if at_once else "false",
            "key": "pk_test_simulated",
            f"{KIND}[account_number]": number,
            f"{KIND}[routing_number]": ROUTING_NUMBER,
        }
        async with ClientSession() as browser, browser.post(f"{self.url}/v3/bank-accounts", data=typed) as answer:
            answer.raise_for_status()

    async def tell(self, shop: Runtime, webhook_secret: str) -> int:
        """Send what is under way to the webhook's verb: some get lost, come twice or in the wrong order."""
        told = 0
        while self.heard:
            if len(self.heard) > 1 and self.chance.random() < SWAPPED:
                self.heard.rotate(-1)
            event = self.heard.popleft()
            self.world.settle([event])
            if self.chance.random() < LOST:
                self.lost += 1
                continue
            for _ in range(1 + (self.chance.random() < TWICE)):
                await _deliver(encode(self.world.find("event", event) or {}), shop, webhook_secret)
                told += 1
        return told


async def _deliver(payload: bytes, shop: Runtime, secret: str) -> None:
    # Stripe's own library holds a signature against the machine's clock, which nothing moves.
    signed = signature(payload, secret, int(time.time()))
    await receive_event(payload, signed, db=shop.db, reader=shop.gateway, clock=shop.clock, dispatcher=shop.dispatcher)


@asynccontextmanager
async def open_bank(moved: Time, chance: Random, *, journal: Path | None) -> AsyncGenerator[Bank]:
    """The stand-in on a port of its own, with a journal where the shop is to go on with it later."""
    app = make_app(
        Options(journal=journal, bank_delay_s=BANK_TAKES.total_seconds()), now=lambda: moved.now().timestamp()
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        world = app[STAND_IN].world
        bank = Bank(world, f"http://{HOST}:{runner.addresses[0][1]}", chance)
        world.notified, world.announce = True, bank.heard.extend
        yield bank
    finally:
        await runner.cleanup()
