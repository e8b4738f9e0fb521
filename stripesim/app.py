"""The application: everything wired together, in sight."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from stripesim import api, bank_pages, compaction, control, pages, plans
from stripesim.faults import Faults
from stripesim.idempotency import Keys
from stripesim.journal import Journal
from stripesim.stand_in import HAPPENINGS, STAND_IN, StandIn
from stripesim.webhooks import Courier
from stripesim.world import BANK_DELAY_S, World

BODY_BYTES_MAX = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says. Without a journal all is forgotten at the end; without a URL nobody is told."""

    journal: Path | None = None
    webhook_url: str | None = None
    webhook_secret: str = ""
    latency_ms: int = 0
    seed: int = 0
    bank_delay_s: float = BANK_DELAY_S


def make_app(options: Options, *, now: Callable[[], float]) -> web.Application:
    app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[control.guard])
    app.add_routes([*api.routes(), *control.routes(), *pages.routes(), *bank_pages.routes()])
    journal = Journal.nameless() if options.journal is None else compaction.opened(options.journal, now=now())
    world = World(journal, now)
    world.bank_delay_s = options.bank_delay_s
    chance = random.Random(options.seed)  # noqa: S311 - a seeded run must be repeatable; nothing secret is drawn from it
    app[STAND_IN] = StandIn(
        world=world,
        keys=Keys(world=world),
        faults=Faults(chance=chance),
        chance=chance,
        courier=_courier(world, options, chance),
        latency_ms=options.latency_ms,
        seed=options.seed,
    )
    app.cleanup_ctx.append(_running)
    return app


def _courier(world: World, options: Options, chance: random.Random) -> Courier | None:
    if options.webhook_url is None:
        return None
    world.notified = True
    return Courier(world, url=options.webhook_url, secret=options.webhook_secret, chance=chance)


async def _running(app: web.Application) -> AsyncIterator[None]:
    stand_in = app[STAND_IN]
    performing = asyncio.create_task(plans.keep_performing(stand_in.world, HAPPENINGS))
    if stand_in.courier is not None:
        async with stand_in.courier:
            yield
    else:
        yield
    performing.cancel()
    with suppress(asyncio.CancelledError):
        await performing
    stand_in.world.close()
