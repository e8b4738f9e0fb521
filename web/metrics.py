"""What this process tells Prometheus, in a registry of its own."""

from typing import Final

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from kalecart.clockwork import KINDS
from kalecart.payments.invariants import INVARIANTS
from kalecart.tending.task_filter import OPEN_LANES
from web.queue_watch import QueueSeen

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
        self.bodies = Gauge("kalecart_http_bodies_arriving", "Bodies on their way in.", registry=self.registry)
        self.streams = Gauge("kalecart_http_streams", "Open event streams.", registry=self.registry)
        self._tasks = self._gauge("tasks", "Tasks of a topic, by where they are.", "topic", "state")
        self._oldest = self._gauge("tasks_oldest_due_seconds", "For how long a topic's oldest has been due.", "topic")
        self._paused = self._gauge("topic_paused", "Whether staff hold a topic back.", "topic")
        self._alerts = self._gauge("alerts_open", "Open alerts.", "kind")
        self._broken = self._gauge("invariant_broken", "Whether something is not true of the money.", "name")
        self._workers = self._gauge("workers", "Workers alive, by how they come by their tasks.", "mode")
        self._beats = self._gauge("heartbeat_age_seconds", "Since the youngest sign of life of a kind.", "kind")
        # Looking labels up takes a lock and builds strings; the routes are few.
        self._known: dict[tuple[str, str, int], Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        labels = (method, route, status)
        child = self._known.get(labels)
        if child is None:
            child = self._known[labels] = self._took.labels(*labels)
        child.observe(seconds)

    def show_queue(self, seen: QueueSeen) -> None:
        """The same from every process: it is the database's."""
        for topic in seen.topics:
            for lane in OPEN_LANES:
                self._tasks.labels(topic.topic, lane.value).set(getattr(topic, lane.value))
            age = (seen.at - topic.oldest_at).total_seconds() if topic.oldest_at else 0.0
            self._oldest.labels(topic.topic).set(age)
            self._paused.labels(topic.topic).set(topic.paused_at is not None)
        self._alerts.clear()
        for kind, count in seen.alerts.items():
            self._alerts.labels(kind).set(count)
        for invariant in INVARIANTS:
            self._broken.labels(invariant.name).set(invariant.alert in seen.alerts)
        for kind in KINDS:
            beat = seen.beats.get(kind)
            self._beats.labels(kind).set((seen.at - beat).total_seconds() if beat else float("inf"))
        alive, direct = seen.workers
        self._workers.labels("direct").set(direct)
        self._workers.labels("hints").set(alive - direct)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"kalecart_{name}", meaning, labels, registry=self.registry)

    def text(self) -> bytes:
        return generate_latest(self.registry)
