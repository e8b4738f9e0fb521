"""`STRIPESIM_WEBHOOK_SECRET=S python -m stripesim --port P --journal FILE --webhook-url URL`"""

import gc

# Nothing that is imported is garbage: to look for some meanwhile was a quarter of what a start costs.
if __name__ == "__main__":
    gc.disable()

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from aiohttp import web

from stripesim.app import Options, make_app
from stripesim.journal import JournalBroken
from stripesim.world import BANK_DELAY_S

HOST = "127.0.0.1"


def main() -> int:
    gc.freeze()  # what is imported stays: it is not looked through again
    gc.enable()
    given = _arguments()
    options = Options(
        journal=given.journal,
        webhook_url=given.webhook_url,
        webhook_secret=given.webhook_secret,
        latency_ms=given.latency_ms,
        seed=given.seed,
        bank_delay_s=given.bank_delay_s,
    )
    try:
        _run(_serve(options, given.port))
    except (JournalBroken, OSError) as error:
        sys.stderr.write(f"stripesim: {error}\n")
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stripesim", description="A stand-in for Stripe, for one machine.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and says which")
    parser.add_argument("--journal", type=Path, help="the file everything is kept in; without it, nothing is")
    parser.add_argument("--webhook-url", help="where events are sent; without it, they are only listed")
    parser.add_argument("--latency-ms", type=int, default=0, help="how long every request takes")
    parser.add_argument("--seed", type=int, default=0, help="of the chance in faults and in deliveries")
    parser.add_argument("--bank-delay-s", type=float, default=BANK_DELAY_S, help="how long a bank takes to answer")
    given = parser.parse_args()
    # What events are signed with. Not an argument: anybody on the machine may read those.
    given.webhook_secret = os.environ.get("STRIPESIM_WEBHOOK_SECRET", "")  # noqa: TID251  # no part of the shop
    if given.webhook_url and not given.webhook_secret:
        parser.error("--webhook-url needs STRIPESIM_WEBHOOK_SECRET in the environment: whsec_…")
    return given


def _run(serving: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop  # noqa: PLC0415 - there is none for Windows
    except ImportError:
        asyncio.run(serving)
    else:
        uvloop.run(serving)


async def _serve(options: Options, port: int) -> None:
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    runner = web.AppRunner(make_app(options, now=time.time), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        sys.stdout.write(f"stripesim: http://{HOST}:{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await stopped.wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    sys.exit(main())
