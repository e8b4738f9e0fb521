"""What can be seen of the promises in the running shop, for the public page and the API (C9)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.openness.control import Checked
from kalecart.openness.figures import Figure
from kalecart.openness.reads import checked, figures

# Anybody may ask, so the figures are counted at most so often.
AGE_MAX: Final = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was seen of the running shop, and when."""

    at: datetime
    figures: Sequence[Figure]
    controls: Sequence[Checked]

    def figures_of(self, clause: str) -> Sequence[Figure]:
        return [figure for figure in self.figures if figure.clause == clause]

    def controls_of(self, clause: str) -> Sequence[Checked]:
        return [checked for checked in self.controls if clause in checked.control.clauses]

    def wrong(self, clause: str) -> bool:
        """Whether a figure or a control says that this promise is not kept."""
        controls = self.controls_of(clause)
        return any(each.state.wrong for each in controls) or any(each.wrong for each in self.figures_of(clause))


class Evidence:
    """Looks when somebody asks and the last look is too old; one does it, the others wait for that one."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._looking = asyncio.Lock()
        self._seen: Seen | None = None

    async def look(self) -> Seen:
        async with self._looking:
            now = self._clock.now()
            if self._seen is None or now - self._seen.at > AGE_MAX:
                async with self._db.snapshot() as tx:
                    self._seen = Seen(at=now, figures=await figures(tx, now=now), controls=await checked(tx, now=now))
            return self._seen


EVIDENCE: Final = web.AppKey("evidence", Evidence)
