"""Idempotency keys, as documented: the first answer after execution began, 500s included, is the answer for a day."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from stripesim.errors import InvalidParameters, key_in_use, key_reused
from stripesim.world import KEY, Object, Transaction, World

KEY_LENGTH_MAX = 255
KEPT_S = 24 * 3600
PRUNE_EVERY_S = 600


def fingerprint(method: str, path: str, body: str) -> str:
    return hashlib.sha256(f"{method} {path}\n{body}".encode()).hexdigest()


def check(key: str) -> str:
    if not key or len(key) > KEY_LENGTH_MAX:
        raise InvalidParameters(f"An idempotency key has 1 to {KEY_LENGTH_MAX} characters.")
    return key


@dataclass(kw_only=True)
class Keys:
    """The keys in use: those in flight are known only to this process, whose death ends the flight."""

    world: World
    in_flight: set[str] = field(default_factory=set)
    pruned_at: float = 0.0

    def recall(self, key: str, print_: str) -> Object | None:
        """The answer to give again, if there is one."""
        self._prune()
        known = self.world.find(KEY, key)
        if known is not None and not self._expired(known):
            if known["fingerprint"] != print_:
                raise key_reused(key)
            return known
        if key in self.in_flight:
            raise key_in_use(key)
        return None

    @contextmanager
    def flight(self, key: str) -> Generator[None]:
        self.in_flight.add(key)
        try:
            yield
        finally:
            self.in_flight.discard(key)

    def remember(self, tx: Transaction, key: str, print_: str, answer: Object) -> None:
        """Keep the answer in the transaction whose effect it reports: never one without the other."""
        tx.record(KEY, {"id": key, "fingerprint": print_, "at": self.world.now(), **answer})

    def _expired(self, known: Object) -> bool:
        return known["at"] + KEPT_S <= self.world.now()

    def _prune(self) -> None:
        if self.world.now() < self.pruned_at + PRUNE_EVERY_S:
            return
        self.pruned_at = self.world.now()
        while (key := self.world.oldest(KEY)) is not None:
            known = self.world.find(KEY, key)
            if known is not None and not self._expired(known):
                return
            self.world.forget(KEY, key)
