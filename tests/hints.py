"""Hints that go nowhere but into a list: what a process would have pushed."""

from dataclasses import dataclass, field

from kalecart.ids import TaskId
from kalecart.jobs import QUEUES


@dataclass
class StillPulse:
    """Valkey as a test says it is."""

    away: bool = False
    waiting: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUEUES, 0))


class RecordedHints:
    def __init__(self) -> None:
        self.sent: list[tuple[TaskId, str]] = []
        self.pulse = StillPulse()

    def hint(self, task_id: TaskId, topic: str) -> None:
        self.sent.append((task_id, topic))
