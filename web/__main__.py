"""`python -m web`: serve the shop until told to stop, then finish what was begun."""

import gc

# Nothing that is imported is garbage: to look for some meanwhile was a quarter of what a start costs.
if __name__ == "__main__":
    gc.disable()

import asyncio
import signal
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Final

import structlog
from aiohttp import web

from kalecart import logs, steps
from kalecart.errors import MustNotStart, Unavailable
from kalecart.runtime import open_runtime
from kalecart.settings import Settings
from kalecart.stand_in import stand_in_forever
from web.app import create_app

# What is being answered may end; a new request is not taken any more.
DRAIN_S: Final = 10.0
KEEPALIVE_S: Final = 75.0

log = structlog.get_logger()


async def serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with open_runtime(settings, process="web") as runtime:
        runner = web.AppRunner(
            create_app(runtime),
            access_log=None,
            handle_signals=False,
            keepalive_timeout=KEEPALIVE_S,
            shutdown_timeout=DRAIN_S,
        )
        await runner.setup()
        standing_in = asyncio.create_task(stand_in_forever("web", db=runtime.db, clock=runtime.clock))
        try:
            site = web.TCPSite(runner, settings.web_host, settings.web_port, backlog=1024)
            await site.start()
            log.info("serving", host=settings.web_host, port=runner.addresses[0][1])
            await stop.wait()
            log.info("draining", deadline_s=DRAIN_S)
        finally:
            standing_in.cancel()
            await runner.cleanup()


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop takes a tenth to a third off the lean paths; there is none for Windows."""
    if find_spec("uvloop") is None:
        return None
    from uvloop import new_event_loop  # noqa: PLC0415  # only where it is there

    return new_event_loop


def main() -> None:
    gc.freeze()  # what is imported stays: it is not looked through again
    gc.enable()
    settings = Settings()
    logs.configure(process="web", level=settings.log_level, log_format=settings.log_format)
    if settings.kill_orders is not None:
        steps.obey(settings.kill_orders)
    try:
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            runner.run(serve(settings))
    except MustNotStart as sentence:
        sys.exit(f"web: {sentence}")
    except (OSError, Unavailable) as error:
        # A port that is taken, a database that is not there: a sentence says it all, and a traceback would say no more.
        log.warning("cannot_start", error=type(error).__name__, host=settings.web_host, port=settings.web_port)
        why = (isinstance(error, OSError) and error.strerror) or "a store that it needs does not answer"
        sys.exit(f"web: cannot start at {settings.web_host}:{settings.web_port}: {why}")


if __name__ == "__main__":
    main()
