"""The post: takes every letter, keeps none, and is sometimes away or knows no such address."""

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random
from typing import Final
from uuid import UUID

from kalecart.mail.letter import Letter
from kalecart.mail.post import PutOff, Rejected

NO_SUCH_MAILBOX: Final = 550
TRY_LATER: Final = 451
UNKNOWN: Final = 0.02


@dataclass
class Letterbox:
    """A postman. `away` is a mail server that takes nothing for now; which mailboxes it does not know is drawn anew for
    each address and day."""

    seed: int
    away: bool = False
    counted: Counter[str] = field(default_factory=Counter)
    # How often each letter was handed over; and to whom one after the other, and when.
    handed: Counter[UUID] = field(default_factory=Counter)
    round: list[tuple[datetime, str]] = field(default_factory=list)
    # Who hears of every letter that was taken.
    taken: Callable[[Letter], None] = lambda _letter: None

    @contextmanager
    def counter(self) -> Generator[None]:
        yield

    @asynccontextmanager
    async def delivery(self, letter: Letter) -> AsyncGenerator[Callable[[], Awaitable[None]]]:
        if self.away:
            self.counted["put off"] += 1
            raise PutOff(TRY_LATER)
        if Random(f"{self.seed}:{letter.to}:{letter.written_at:%Y-%m-%d}").random() < UNKNOWN:
            self.counted["rejected"] += 1
            raise Rejected(NO_SUCH_MAILBOX)
        yield partial(self._hand_over, letter)

    async def _hand_over(self, letter: Letter) -> None:
        self.counted["delivered"] += 1
        self.handed[letter.id] += 1
        self.round.append((letter.written_at, letter.to))
        self.taken(letter)
