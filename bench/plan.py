"""What the load generator is told: where, in which shape, doing what. Travels as JSON from one process to the other."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bench.connection import request
from bench.journeys import Checkout, Journey, Prepared
from bench.shopper import Shopper


@dataclass(frozen=True, kw_only=True)
class Closed:
    """So many shoppers, each beginning anew when done, until the time is over or the journeys are used up."""

    shoppers: int
    seconds: float
    warm_up_s: float = 0.0
    journeys_max: int = 10**9


@dataclass(frozen=True, kw_only=True)
class Open:
    """Arrivals at a constant rate."""

    per_second: float
    seconds: float
    warm_up_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request of the journey `Prepared`, before it is bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str = ""

    def sent(self) -> bytes:
        return request(self.method, self.path, self.headers, self.body.encode())


@dataclass(frozen=True, kw_only=True)
class Plan:
    host: str
    port: int
    shape: Closed | Open
    what: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        shape = {"kind": "closed" if isinstance(self.shape, Closed) else "open", **asdict(self.shape)}
        return {"host": self.host, "port": self.port, "shape": shape, "what": dict(self.what)}

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> "Plan":
        shape = dict(read["shape"])
        kind = Closed if shape.pop("kind") == "closed" else Open
        return cls(host=read["host"], port=read["port"], shape=kind(**shape), what=read["what"])

    def journey(self) -> Journey:
        if self.what["kind"] == "prepared":
            sent = [Asked(**each).sent() for each in self.what["requests"]]
            return Prepared(requests=sent, expect=self.what["expect"])
        return Checkout(
            host=f"{self.host}:{self.port}",
            shoppers=[Shopper(**each) for each in self.what["shoppers"]],
            skus=self.what["skus"],
            windows=self.what["windows"],
            seed=self.what["seed"],
            run=self.what["run"],
        )


def prepared(requests: list[Asked], *, expect: int) -> dict[str, Any]:
    """`what` of a plan: these requests."""
    return {"kind": "prepared", "expect": expect, "requests": [asdict(each) for each in requests]}


@dataclass(frozen=True, kw_only=True)
class Trade:
    """Who buys what, for when: everything a checkout chooses from."""

    shoppers: list[Shopper]
    skus: list[str]
    windows: list[str]
    seed: int

    def checkouts(self, run: str) -> dict[str, Any]:
        """`what` of a plan: whole checkouts. `run` keeps the keys of one measurement apart from those of another."""
        chosen = {"skus": self.skus, "windows": self.windows, "seed": self.seed, "run": run}
        return {"kind": "checkout", "shoppers": [asdict(each) for each in self.shoppers], **chosen}
