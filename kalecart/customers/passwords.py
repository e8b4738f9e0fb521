"""Hashing passwords: argon2id, off the event loop, never more than two at once.

19 MiB and two passes are OWASP's floor. Each hash holds its memory and a core, so their number is bounded: a flood of
log-ins makes people wait for each other and takes nothing from the orders.
"""

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Final, TypeVar, TypeVarTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from kalecart.customers.password_rules import normalised

Given = TypeVarTuple("Given")
Answer = TypeVar("Answer")

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
LANES: Final = 1
AT_ONCE: Final = 2

# Of a random password nobody kept. Where there is no such person it is checked instead, so that the answer takes as
# long; a test holds its parameters to the ones above.
NOBODYS: Final = "$argon2id$v=19$m=19456,t=2,p=1$ZjCb3ZYWjlSqFx+BAdEWtg$cqNwvwKHvDA86YChTNs8g6eGzajyG8ZFj+kS/yfjSRk"


_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)


@contextmanager
def costing(*, passes: int, memory_kib: int) -> Generator[None]:
    """What a hash takes in this process meanwhile. For trials in which people come by the hundred, and for no shop."""
    global _hasher  # noqa: PLW0603  # one process, one price; handing it to every verb would be in every signature
    before, _hasher = _hasher, PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=LANES, type=Type.ID)
    try:
        yield
    finally:
        _hasher = before


async def hash_password(password: str) -> str:
    """The string to be kept: algorithm, parameters, salt and hash."""
    return await _in_thread(_hasher.hash, normalised(password))


async def fits(password: str, kept: str | None) -> bool:
    """Whether the password is the one that was hashed. As slow for nobody's (None) as for somebody's."""
    return await _in_thread(_verify, kept or NOBODYS, normalised(password)) and kept is not None


def outdated(kept: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


async def _in_thread(call: Callable[[*Given], Answer], *given: *Given) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_threads(), call, *given)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError, UnicodeError):
        return False
