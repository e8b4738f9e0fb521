"""Letters by SMTP. The only module that knows the library."""

import ssl
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from email.utils import parseaddr
from functools import partial
from typing import Final
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from kalecart.mail.letter import Letter
from kalecart.mail.post import HandOver, PostBusy, PostUnanswered, PutOff, Rejected

TIMEOUT_S: Final = 20.0
QUIT_TIMEOUT_S: Final = 2.0
# Of one process. Each holds one of the threads that also charge orders, for as long as a server takes to answer.
AT_ONCE_MAX: Final = 6
PERMANENT: Final = 500
HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class SmtpPostman:
    """One connection a letter: relays close idle ones, and a receipt is in no hurry."""

    def __init__(self, url: str, *, sender: str) -> None:
        """`smtp://` takes up TLS where the server offers it, and insists where there is a password to give away."""
        server = urlsplit(url)
        self._sender = sender
        self._address = parseaddr(sender)[1]
        secret = bool(server.username) and server.hostname not in HERE and server.scheme == "smtp"
        self._client = partial(
            SMTP,
            hostname=server.hostname,
            port=server.port,
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
            use_tls=server.scheme == "smtps",
            start_tls=True if secret else None,
            tls_context=ssl.create_default_context(),
            local_hostname=self._address.rpartition("@")[2],
            timeout=TIMEOUT_S,
        )
        self._sending = 0

    @contextmanager
    def counter(self) -> Generator[None]:
        if self._sending >= AT_ONCE_MAX:
            raise PostBusy("It will be this letter's turn in a moment.")
        self._sending += 1
        try:
            yield
        finally:
            self._sending -= 1

    @asynccontextmanager
    async def delivery(self, letter: Letter) -> AsyncGenerator[HandOver]:
        written = letter.as_bytes(self._sender)
        client = self._client()
        try:
            with _translated():
                await client.connect()
                await client.mail(self._address)
                await client.rcpt(letter.to)
            yield partial(_hand_over, client, written)
        finally:
            with suppress(SMTPException, OSError):
                await client.quit(timeout=QUIT_TIMEOUT_S)
            client.close()


async def _hand_over(client: SMTP, written: bytes) -> None:
    with _translated():
        await client.data(written)


@contextmanager
def _translated() -> Generator[None]:
    """What a server's answer means to us, without what it says: it likes to repeat the address."""
    try:
        yield
    except (SMTPRecipientRefused, SMTPDataError) as error:
        raise (Rejected if error.code >= PERMANENT else PutOff)(error.code) from None
    except SMTPResponseException as error:
        # Our log-in, our sender, our greeting: none of it is the letter's fault, so it waits until somebody mends it.
        raise PutOff(error.code) from None
    except (SMTPException, OSError):
        raise PostUnanswered("The letter waits.") from None
