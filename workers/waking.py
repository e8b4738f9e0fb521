"""What whoever has just started looks at first: the deadlines that passed while nobody was awake (C10, C13)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from kalecart.complaints.watch import watch_complaints
from kalecart.errors import Unavailable
from kalecart.privacy.watch import watch_requests
from kalecart.runtime import Ground

log = structlog.get_logger()


async def _complaints(runtime: Ground) -> None:
    await watch_complaints(None, db=runtime.db, clock=runtime.clock)


async def _requests(runtime: Ground) -> None:
    await watch_requests(None, db=runtime.db, clock=runtime.clock)


# By what each process may change.
LOOKS: Final[Mapping[str, tuple[Callable[[Ground], Awaitable[None]], ...]]] = {
    "worker": (_complaints,),
    "privacy": (_complaints, _requests),
}


async def look_about(process: str, runtime: Ground) -> None:
    """Once, whether a scheduler lives or not. What cannot be looked at now is the clock's to look at later."""
    for look in LOOKS.get(process, ()):
        try:
            await look(runtime)
        except Unavailable as error:
            log.warning("look_missed", error=type(error).__name__)
