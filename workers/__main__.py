"""One worker process: dramatiq's consumers, their event loop and a sweeper. Ends cleanly on SIGTERM.

dramatiq's own command would fork from a master; a killed master leaves its children consuming. One process, and whoever
supervises it starts another.
"""

import asyncio
import signal
import threading

import structlog
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.worker import Worker

from kalecart import logs
from kalecart.runtime import Runtime, open_runtime
from kalecart.settings import Settings
from kalecart.sweep import sweep_forever
from workers.broker import IDLE_POLL_MS, declare_actors, make_broker

log = structlog.get_logger()


def main() -> None:
    settings = Settings()  # ty: ignore[missing-argument]  # the environment gives them
    logs.configure(process="worker", level=settings.log_level, log_format=settings.log_format)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(settings, stop)


def run(settings: Settings, stop: threading.Event) -> None:
    """Consume until `stop`. Verbs run on dramatiq's one event loop; each call in flight holds one of its threads."""
    broker = make_broker(settings.valkey_url.get_secret_value())
    worker = Worker(broker, worker_threads=settings.worker_threads, worker_timeout=IDLE_POLL_MS)
    broker.emit_before("worker_boot", worker)
    loop = get_event_loop_thread()
    assert loop is not None, "the AsyncIO middleware starts it at boot"
    shell = _Shell(settings)
    declare_actors(broker, loop.run_coroutine(shell.open()))
    worker.start()
    log.info("worker_ready", count=settings.worker_threads)
    stop.wait()
    worker.stop()


class _Shell:
    """The runtime and the sweeper, living on the worker's event loop."""

    def __init__(self, settings: Settings) -> None:
        self._context = open_runtime(settings, process="worker")
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self) -> Runtime:
        runtime = await self._context.__aenter__()
        self._sweeper = asyncio.create_task(
            sweep_forever(db=runtime.db, clock=runtime.clock, dispatcher=runtime.dispatcher)
        )
        return runtime


if __name__ == "__main__":
    main()
