"""A program at the shop's door: keeps cookies like a browser, and asks again where nobody answered."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

ANSWER_TIMEOUT_S: Final = 15.0
ASK_AGAIN_FIRST_S: Final = 0.1
ASK_AGAIN_MAX_S: Final = 1.0
# A proxy without a shop behind it, and a shop without its database.
NOBODY_ANSWERED: Final = frozenset({502, 503, 504})


class Stopped(Exception):
    """One plain sentence about why it went no further."""


@dataclass(frozen=True)
class Answer:
    """What the shop said."""

    status: int
    body: Any

    @property
    def problem(self) -> str:
        """The kind of a refusal, such as `window-full`; empty for anything else."""
        kind = self.body.get("type", "") if isinstance(self.body, dict) else ""
        return str(kind).removeprefix("/problems/")

    def require(self, *statuses: int, step: str) -> Any:
        if self.status in statuses:
            return self.body
        said = self.body.get("detail") or self.body.get("title") if isinstance(self.body, dict) else ""
        fields = self.body.get("errors") or () if isinstance(self.body, dict) else ()
        said = " ".join([str(said), *(str(each) for each in fields)]).strip()
        raise Stopped(f"{step}: the shop answered {self.status}{f': {said}' if said else '.'}")


@dataclass
class Visitor:
    """Repeating a request is safe: what changes something names a quantity, or carries its key."""

    url: str
    session: aiohttp.ClientSession
    patience_s: float
    retries: int = field(default=0, init=False)

    @classmethod
    def at(cls, url: str, *, patience_s: float) -> "Visitor":
        parts = urlsplit(url)
        session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # also for an address of numbers, as on one's own machine
            timeout=aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_S),
            headers={"Origin": f"{parts.scheme}://{parts.netloc}"},
        )
        return cls(url.rstrip("/"), session, patience_s)

    async def ask(
        self, method: str, path: str, *, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer, however long it takes within `patience_s`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.patience_s
        pause_s = ASK_AGAIN_FIRST_S
        while True:
            answer = await self._once(method, path, json, headers)
            if answer is not None and answer.status not in NOBODY_ANSWERED:
                return answer
            if loop.time() + pause_s > deadline:
                why = f"it answered {answer.status}" if answer else "it did not answer"
                raise Stopped(f"The shop at {self.url} did not serve {path} for {self.patience_s:.0f} s: {why}.")
            self.retries += 1
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, ASK_AGAIN_MAX_S)

    async def _once(self, method: str, path: str, json: Any, headers: Mapping[str, str] | None) -> Answer | None:
        try:
            async with self.session.request(method, self.url + path, json=json, headers=headers) as response:
                is_json = "json" in response.content_type
                return Answer(response.status, await response.json(content_type=None) if is_json else None)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError, ConnectionError):
            return None
