"""How many requests a second are answered: beyond that 429, before anything of a request is looked at."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class Limiter:
    """A bucket that fills at `per_s` and holds what one second fills. Zero is no limit."""

    per_s: float = 0.0
    left: float = 0.0
    at: float = 0.0

    def admit(self, now: float) -> bool:
        if not self.per_s:
            return True
        self.left = min(max(1.0, self.per_s), self.left + max(0.0, now - self.at) * self.per_s)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True
