"""One worker process: dramatiq's consumers, their event loop, a sweeper, and the way round Valkey. Ends on SIGTERM.

dramatiq's own command would fork from a master; a killed master leaves its children consuming. One process, and whoever
supervises it starts another.
"""

import gc

# Nothing that is imported is garbage: to look for some meanwhile was a quarter of what a start costs.
if __name__ == "__main__":
    gc.disable()

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from importlib.util import find_spec
from typing import Final

import structlog
from dramatiq.asyncio import EventLoopThread, set_event_loop_thread
from dramatiq.worker import Worker

from kalecart import logs, steps
from kalecart.errors import MustNotStart, Unavailable
from kalecart.jobs import QUEUES, Job
from kalecart.runtime import Ground, open_ground, open_runtime
from kalecart.scheduling import beat_forever
from kalecart.settings import GroundSettings, Settings
from kalecart.stand_in import stand_in_forever
from kalecart.sweep import sweep_forever
from workers.broker import IDLE_POLL_OTHERS_MS, PERFORMERS, declare_actors, make_broker
from workers.ending import told_to_end
from workers.performing import Performer
from workers.unhinted import Unhinted
from workers.waking import look_about

LOOP_START_S: Final = 5.0
STOP_WITHIN_MS: Final = 25_000
FINISH_WITHIN_S: Final = 10.0

log = structlog.get_logger()


# Who reads everything about a person has a log-in of its own; those who charge cards do not have its rights. And who
# counts has one that reads nothing about anybody.
SHIFTS: Final[Mapping[str, frozenset[str]]] = {
    "worker": frozenset(QUEUES) - {"privacy", "analytics"},
    "privacy": frozenset({"privacy"}),
    "analytics": frozenset({"analytics"}),
}
# Those that are told neither the master key nor any of Stripe's, and start without.
GROUNDED: Final = frozenset({"analytics"})


# A package is work for a whole processor: a thousand people who ask at once wait for each other, and no order for them.
AT_ONCE_MAX: Final[Mapping[str, int]] = {"privacy": 1, "analytics": 1}
NICE: Final[Mapping[str, int]] = {"privacy": 10, "analytics": 10}


def main() -> None:
    """`python -m workers` works on every queue but those that need another log-in: `privacy` and `analytics`."""
    gc.freeze()  # what is imported stays: it is not looked through again
    gc.enable()
    process = sys.argv[1] if len(sys.argv) > 1 else "worker"
    if process not in SHIFTS:
        sys.exit(f"workers: there is no {process}, only {', '.join(SHIFTS)}")
    settings = GroundSettings() if process in GROUNDED else Settings()
    logs.configure(process=process, level=settings.log_level, log_format=settings.log_format)
    if settings.kill_orders is not None:
        steps.obey(settings.kill_orders)
    settings = settings.model_copy(update={"worker_threads": threads_of(process, settings)})
    if NICE.get(process) and hasattr(os, "nice"):
        os.nice(NICE[process])
    told = told_to_end()
    try:
        run(settings, told, process=process)
    except MustNotStart as sentence:
        sys.exit(f"workers: {sentence}")
    except (OSError, Unavailable) as error:
        # A database that is not there: a line says it all, and whoever keeps us running tries again.
        log.warning("cannot_start", error=type(error).__name__)
        sys.exit(1)


def threads_of(process: str, settings: GroundSettings) -> int:
    return min(settings.worker_threads, AT_ONCE_MAX.get(process, settings.worker_threads))


def run(settings: GroundSettings, told: Callable[[], object], *, process: str = "worker") -> None:
    """Consume the queues of one shift until `told` returns.

    Verbs run on one event loop; each call in flight holds one of dramatiq's threads.
    """
    loop = _fast_loop()
    loop.start(timeout=LOOP_START_S)
    set_event_loop_thread(loop)
    performers = {kind: perform for kind, perform in PERFORMERS.items() if kind.queue in SHIFTS[process]}
    shell = _Shell(settings, process, performers)
    try:
        runtime = loop.run_coroutine(shell.open())
        broker = make_broker(settings.valkey_url.get_secret_value())
        declare_actors(broker, runtime, performers)
        worker = Worker(broker, worker_threads=settings.worker_threads, worker_timeout=IDLE_POLL_OTHERS_MS)
        worker.start()
        log.info("worker_ready", count=settings.worker_threads)
        told()
        loop.run_coroutine(shell.claim_no_more())
        worker.stop(timeout=STOP_WITHIN_MS)
        broker.close()
        loop.run_coroutine(shell.close())
    finally:
        loop.stop()


def _fast_loop() -> EventLoopThread:
    """On uvloop, as the web is; there is none for Windows."""
    thread = EventLoopThread(logging.getLogger(__name__))
    if find_spec("uvloop") is not None:
        from uvloop import new_event_loop  # noqa: PLC0415  # only where it is there

        thread.loop.close()
        thread.loop = new_event_loop()
    return thread


class _Shell:
    """The runtime, the sweeper and the way round Valkey, living on the worker's event loop."""

    def __init__(self, settings: GroundSettings, process: str, performers: Mapping[type[Job], Performer]) -> None:
        self._open = AsyncExitStack()
        self._settings, self._process, self._performers = settings, process, performers

    async def open(self) -> Ground:
        settings, process = self._settings, self._process
        whole = isinstance(settings, Settings)
        opening = open_runtime(settings, process=process) if whole else open_ground(settings, process=process)
        runtime = await self._open.enter_async_context(opening)
        pulse = runtime.dispatcher.pulse
        for forever in (
            sweep_forever(db=runtime.db, clock=runtime.clock, dispatcher=runtime.dispatcher),
            beat_forever(
                self._process,
                db=runtime.db,
                clock=runtime.clock,
                mode=lambda: "direct" if pulse.away else "hints",
            ),
        ):
            self._open.callback(asyncio.create_task(forever).cancel)
        self._open.callback(asyncio.create_task(look_about(process, runtime)).cancel)
        if process == "worker":  # the other shifts have log-ins that take no slots
            standing_in = stand_in_forever(process, db=runtime.db, clock=runtime.clock)
            self._open.callback(asyncio.create_task(standing_in).cancel)
        self._unhinted = Unhinted(self._performers, runtime, at_once=self._settings.worker_threads)
        self._claiming = asyncio.create_task(self._unhinted.work_forever())
        return runtime

    async def claim_no_more(self) -> None:
        self._claiming.cancel()

    async def close(self) -> None:
        await self._unhinted.finish(within_s=FINISH_WITHIN_S)
        await self._open.aclose()


if __name__ == "__main__":
    main()
