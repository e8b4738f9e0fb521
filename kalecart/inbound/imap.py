"""A mailbox on an IMAP server. The only module that knows the library.

The mailbox is the shop's own: what was read is expunged from it, and what a person must read stays there, flagged.
"""

import asyncio
import imaplib
import re
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from kalecart.complaints.complaint import WHOLE_BYTES_MAX
from kalecart.inbound.mailbox import MailboxAway
from kalecart.inbound.parcel import BEGINNING_BYTES, Parcel

TIMEOUT_S: Final = 20.0
PORTS: Final = {"imaps": 993, "imap": 143}
HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_T = TypeVar("_T")
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")


class ImapMailbox:
    """One connection a look: once a minute is no load, and nothing is held open between."""

    def __init__(self, url: str) -> None:
        """`imaps://user:password@host:port/INBOX`; without TLS from the start it is taken up before the password is
        given away, except on this machine."""
        server = urlsplit(url)
        self._secure = server.scheme == "imaps"
        self._host = server.hostname or ""
        self._port = server.port or PORTS[server.scheme]
        self._user, self._password = unquote(server.username or ""), unquote(server.password or "")
        self._folder = unquote(server.path.strip("/")) or "INBOX"

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator["ImapPile"]:
        client = await _asked(self._log_in)
        try:
            yield ImapPile(client)
        finally:
            with suppress(MailboxAway):
                await _asked(lambda: _log_out(client))

    def _log_in(self) -> imaplib.IMAP4:
        tls = ssl.create_default_context()
        if self._secure:
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL(self._host, self._port, ssl_context=tls, timeout=TIMEOUT_S)
        else:
            client = imaplib.IMAP4(self._host, self._port, timeout=TIMEOUT_S)
        try:
            if not self._secure and self._host not in HERE:
                client.starttls(tls)
            client.login(self._user, self._password)
            escaped = self._folder.replace("\\", r"\\").replace('"', r"\"")
            _yes(client.select(f'"{escaped}"'))
        except BaseException:
            client.shutdown()
            raise
        return client


def _log_out(client: imaplib.IMAP4) -> None:
    """The library leaves a connection open whose server does not say goodbye."""
    try:
        client.logout()
    except (imaplib.IMAP4.error, OSError):
        client.shutdown()


class ImapPile:
    """Messages by their unique number in the mailbox. Those that were set aside are flagged, and left alone."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client

    async def waiting(self, most: int) -> Sequence[str]:
        (found,) = await _asked(lambda: _yes(self._client.uid("SEARCH", "UNFLAGGED", "UNDELETED"))[:1])
        return (found or b"").decode("ascii").split()[:most]

    async def take(self, name: str) -> Parcel | None:
        return await _asked(lambda: self._take(name))

    async def remove(self, name: str) -> None:
        await _asked(lambda: self._remove(name))

    async def set_aside(self, name: str) -> None:
        await _asked(lambda: _yes(self._client.uid("STORE", name, "+FLAGS.SILENT", r"(\Flagged)")))

    def _take(self, name: str) -> Parcel | None:
        facts = b" ".join(_flat(_yes(self._client.uid("FETCH", name, "(RFC822.SIZE INTERNALDATE)"))))
        size = _SIZE.search(facts)
        if size is None:
            return None
        whole = int(size[1]) <= WHOLE_BYTES_MAX
        part = "(BODY.PEEK[])" if whole else f"(BODY.PEEK[]<0.{BEGINNING_BYTES}>)"
        content = next(
            (each[1] for each in _yes(self._client.uid("FETCH", name, part)) if isinstance(each, tuple)), b""
        )
        return Parcel(name=name, arrived_at=_instant(facts), certain=True, whole=whole, content=content)

    def _remove(self, name: str) -> None:
        _yes(self._client.uid("STORE", name, "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self._client.capabilities:
            _yes(self._client.uid("EXPUNGE", name))
        else:
            _yes(self._client.expunge())


def _instant(facts: bytes) -> datetime | None:
    """When the server took it, where it says so."""
    found = re.search(rb'INTERNALDATE "([^"]+)"', facts)
    with suppress(ValueError):
        if found:
            return datetime.strptime(found[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    return None


def _flat(answer: Sequence[Any]) -> list[bytes]:
    return [piece for each in answer if each for piece in (each if isinstance(each, tuple) else (each,))]


def _yes(answer: tuple[str, Sequence[Any]]) -> Sequence[Any]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    return data


async def _asked(question: Callable[[], _T]) -> _T:
    """In a thread, and without what the server says: it likes to repeat addresses."""
    try:
        return await asyncio.to_thread(question)
    except (imaplib.IMAP4.error, OSError, UnicodeError) as error:
        raise MailboxAway(f"The mailbox did not do as it was asked: {type(error).__name__}.") from None
