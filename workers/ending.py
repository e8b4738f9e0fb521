"""How a worker is told to end: often more than once, as by the death of whoever started it."""

import signal
from collections.abc import Callable
from queue import SimpleQueue


def told_to_end() -> Callable[[], object]:
    """From now on signals are heard; what is returned waits for the first.

    A handler interrupts whatever runs, another handler as well, and goes on only when it is done itself. The lock of an
    Event may be held by what it interrupted, and then both wait for ever: this queue is made for handlers.
    """
    told: SimpleQueue[None] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.put(None))
    return told.get
