"""What all jobs have in common: a name, a queue, and arguments that come back out of their row as they went in."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from kalecart.mail_kinds import MailKind


@dataclass(frozen=True, kw_only=True)
class Job:
    """`topic` is stable: renaming one strands what was promised under the old name.

    `needed` says that money stays undone without it: it may be tried again and never discarded.
    """

    topic: ClassVar[str]
    queue: ClassVar[str]
    needed: ClassVar[bool] = False

    @property
    def key(self) -> str:
        """The same request for work has the same key, and the table keeps it once."""
        return ":".join([self.topic, *(str(value) for value in self.arguments().values() if value != "")])

    def arguments(self) -> dict[str, str | int]:
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value if isinstance(value, int) else _text(value) for name, value in values}

    @classmethod
    def parse(cls, arguments: dict[str, Any]) -> Self:
        kinds = {field.name: str(field.type) for field in fields(cls)}
        return cls(**{name: _value(value, kinds[name]) for name, value in arguments.items()})


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _value(value: Any, kind: str) -> Any:
    if "datetime" in kind:
        return datetime.fromisoformat(value)
    if "MailKind" in kind:
        return MailKind(value)
    return UUID(value) if "Id" in kind or "UUID" in kind else value
