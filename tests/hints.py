"""Hints that go nowhere but into a list: what a process would have pushed."""

from kalecart.ids import TaskId


class RecordedHints:
    def __init__(self) -> None:
        self.sent: list[tuple[TaskId, str]] = []

    def hint(self, task_id: TaskId, topic: str) -> None:
        self.sent.append((task_id, topic))
