"""Whoever carries letters: an SMTP server behind `mail.smtp`, something else elsewhere."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Final, Protocol

from kalecart.errors import Refused, Unavailable
from kalecart.mail.letter import Letter

NO_ANSWER: Final = "no answer"

# Gives the text of the letter away. Until it is called nothing can arrive; once it is, everything may have.
HandOver = Callable[[], Awaitable[None]]


class PostUnanswered(Unavailable):
    """The mail server did not answer."""

    code = NO_ANSWER


class PostBusy(Unavailable):
    """As many letters as may be are on their way already."""


class PutOff(Unavailable):
    """The mail server will not take the letter now."""

    def __init__(self, code: int) -> None:
        super().__init__(f"It answered {code}.")
        self.code = str(code)


class Rejected(Refused):
    """The mail server will not take the letter at all."""

    def __init__(self, code: int) -> None:
        super().__init__(f"It answered {code}.")
        self.code = str(code)


class Postman(Protocol):
    def counter(self) -> AbstractContextManager[None]:
        """A place among those who send now. Raises PostBusy: a server that hangs must not hold every worker."""
        ...

    def delivery(self, letter: Letter) -> AbstractAsyncContextManager[HandOver]:
        """Everything that can be done again: connect, name sender and recipient.

        Raises PostUnanswered, PutOff, Rejected; and so does the hand-over, which is certain for the last two and
        leaves it open whether the letter arrives for the first.
        """
        ...
