"""One scheduler process. Run two or more: they share the work by the slots they find taken."""

import asyncio
import signal

import structlog

from kalecart import logs
from kalecart.runtime import open_runtime
from kalecart.scheduling import process_name
from kalecart.settings import Settings
from kalecart.sweep import sweep_forever
from scheduler.metronome import metronome, tick

log = structlog.get_logger()


def main() -> int:
    settings = Settings()
    logs.configure(process="scheduler", level=settings.log_level, log_format=settings.log_format)
    return asyncio.run(run(settings))


async def run(settings: Settings) -> int:
    """Tick and sweep until told to stop; 1 where a tick hung or broke, so that a supervisor starts afresh."""
    stop, failed = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def give_up() -> None:
        failed.set()
        stop.set()

    async with open_runtime(settings, process="scheduler") as runtime:
        name = process_name("scheduler")

        async def act() -> None:
            await tick(db=runtime.db, clock=runtime.clock, name=name)

        sweeper = asyncio.create_task(sweep_forever(db=runtime.db, clock=runtime.clock, dispatcher=runtime.dispatcher))
        scheduler = metronome(act, give_up)
        scheduler.start()
        for job in scheduler.get_jobs():
            job.modify(next_run_time=runtime.clock.now())
        log.info("scheduler_ready")
        await stop.wait()
        scheduler.shutdown(wait=False)
        sweeper.cancel()
    return int(failed.is_set())


if __name__ == "__main__":
    raise SystemExit(main())
