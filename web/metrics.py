"""What this process tells Prometheus, in a registry of its own."""

from typing import Final

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.exposition import generate_latest

BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Requests by method, route template and status, with how long they took."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._took = Histogram(
            "kalecart_http_request_duration_seconds",
            "Time from a request's headers to the end of its handler.",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.in_flight = Gauge("kalecart_http_in_flight", "Requests being handled.", registry=self.registry)
        self.streams = Gauge("kalecart_http_streams", "Open event streams.", registry=self.registry)
        # Looking labels up takes a lock and builds strings; the routes are few.
        self._known: dict[tuple[str, str, int], Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        labels = (method, route, status)
        child = self._known.get(labels)
        if child is None:
            child = self._known[labels] = self._took.labels(*labels)
        child.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)
