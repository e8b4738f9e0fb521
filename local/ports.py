"""TCP ports of this machine."""

import secrets
import socket
from collections.abc import Collection
from typing import Final

from local.program import CannotStart

HOST: Final = "127.0.0.1"
# Below those that a system gives to whoever connects, or listens at any: one of them may be gone before it is used.
NEVER_HANDED_OUT: Final = range(20_000, 30_000)
TRIES_MAX: Final = 100


def is_free(port: int) -> bool:
    """Whether a server could listen there now. A connection of an earlier server that still lingers does not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(*, but: Collection[int] = ()) -> int:
    """A port nobody listens on. Only somebody who asks for just that one can take it the next moment."""
    for _ in range(TRIES_MAX):
        port = secrets.choice(NEVER_HANDED_OUT)
        if port not in but and is_free(port):
            return port
    raise CannotStart(f"no port between {NEVER_HANDED_OUT[0]} and {NEVER_HANDED_OUT[-1]} is free.")
