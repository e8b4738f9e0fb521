"""Where messages to the shop wait: a folder behind `inbound.folder`, an IMAP server behind `inbound.imap`."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from kalecart.errors import Unavailable
from kalecart.inbound.parcel import Parcel


class MailboxAway(Unavailable):
    """The mailbox did not answer."""


class Pile(Protocol):
    """The messages that wait, by names that mean something to the mailbox only. Everything raises MailboxAway."""

    async def waiting(self, most: int) -> Sequence[str]:
        """The oldest first."""
        ...

    async def take(self, name: str) -> Parcel | None:
        """None where it is gone by now. It stays where it is until one of the following says otherwise."""
        ...

    async def remove(self, name: str) -> None:
        """All that matters of it is kept elsewhere."""
        ...

    async def set_aside(self, name: str) -> None:
        """Leave it for a person to read, and out of `waiting`."""
        ...


class Mailbox(Protocol):
    def opened(self) -> AbstractAsyncContextManager[Pile]: ...
