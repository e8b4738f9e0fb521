"""One scheduler process. Run two or more: they share the work by the slots they find taken."""

import gc

# Nothing that is imported is garbage: to look for some meanwhile was a quarter of what a start costs.
if __name__ == "__main__":
    gc.disable()

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from kalecart import logs, steps
from kalecart.clock import SystemClock
from kalecart.database import Database
from kalecart.dispatch import Dispatcher
from kalecart.errors import MustNotStart
from kalecart.restores import refuse_unreplayed
from kalecart.scheduling import process_name
from kalecart.settings import Settings
from kalecart.sweep import sweep_forever
from kalecart.trail.seal import last_seal, seal_forever
from scheduler.metronome import keep_awake, metronome, tick

log = structlog.get_logger()


def main() -> int:
    gc.freeze()  # what is imported stays: it is not looked through again
    gc.enable()
    settings = Settings()
    logs.configure(process="scheduler", level=settings.log_level, log_format=settings.log_format)
    if settings.kill_orders is not None:
        steps.obey(settings.kill_orders)
    try:
        return asyncio.run(run(settings))
    except MustNotStart as sentence:
        sys.exit(f"scheduler: {sentence}")


async def run(settings: Settings) -> int:
    """Tick and sweep until told to stop; 1 where a tick hung or broke, so that a supervisor starts afresh."""
    stop, failed = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def give_up() -> None:
        failed.set()
        stop.set()

    clock = SystemClock()
    async with _opened(settings) as (db, dispatcher):
        name = process_name("scheduler")

        async def act() -> None:
            await tick(db=db, clock=clock, name=name)

        sealing = {"db": db, "clock": clock, "anchor_file": settings.anchor_file}
        scheduler = metronome(act, give_up)
        forever = [
            asyncio.create_task(keep_awake(scheduler, clock=clock)),
            asyncio.create_task(sweep_forever(db=db, clock=clock, dispatcher=dispatcher)),
            asyncio.create_task(seal_forever(**sealing)),
        ]
        scheduler.start()
        for job in scheduler.get_jobs():
            job.modify(next_run_time=clock.now())
        log.info("scheduler_ready")
        await stop.wait()
        scheduler.shutdown(wait=False)
        for each in forever:
            each.cancel()
        await last_seal(**sealing)
    return int(failed.is_set())


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncGenerator[tuple[Database, Dispatcher]]:
    """The part of a runtime that a scheduler needs: the vault and Stripe would be a quarter of its memory."""
    url = settings.database_url.get_secret_value()
    db = Database(url, pool_size_max=settings.pool_size_max, application="kalecart scheduler")
    dispatcher = Dispatcher(settings.valkey_url.get_secret_value())
    try:
        await refuse_unreplayed(db)
        dispatcher.start()
        yield db, dispatcher
    finally:
        await dispatcher.close()
        await db.close()


if __name__ == "__main__":
    raise SystemExit(main())
