"""A message as a person or a machine wrote it, read as far as it can be.

Nothing in it is believed: headers are what a stranger typed. Whatever makes the library stumble is `Unreadable`, and a
person reads it.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import EmailPolicy
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, Final

from kalecart.inbound.parcel import Parcel
from kalecart.inbound.returned import Returned, returned_in
from kalecart.inbound.wording import plain, text_of_html

PARTS_MAX: Final = 200
# Of a header: what a person types there is shorter.
HEADER_LENGTH_MAX: Final = 2_000
_ADDRESSED: Final = ("To", "Cc", "Delivered-To", "X-Original-To")
_MACHINES: Final = frozenset({"mailer-daemon", "postmaster"})
_BULK: Final = frozenset({"bulk", "junk", "list"})
_ANSWERING: Final = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From")


class _Cut(EmailPolicy):
    """The library takes time with the square of a header's length: what a stranger wrote is cut before it looks."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return super().header_fetch_parse(name, value[:HEADER_LENGTH_MAX])


class Unreadable(Exception):
    """No message can be made out of it."""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """`key` is the same for every copy of one message, whichever way it came.

    `automatic` says that a machine wrote it in answer, `from_machine` that one wrote it, or passed it on, for another
    reason.
    """

    key: str
    sender: str = field(repr=False)
    name: str = field(repr=False)
    addressed: frozenset[str] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    attachments: Sequence[bytes] = field(repr=False)
    received_at: datetime | None
    whole: bool
    automatic: bool
    from_machine: bool
    returned: Returned | None


def read(parcel: Parcel) -> Incoming:
    """Slow for what is large, and so called in a thread. Raises Unreadable."""
    try:
        return _read(parcel)
    except Exception as error:  # noqa: BLE001  # the library stumbles over malformed headers in many ways
        raise Unreadable(type(error).__name__) from None


def _read(parcel: Parcel) -> Incoming:
    message = BytesParser(EmailMessage, policy=_Cut()).parsebytes(parcel.content)  # ty: ignore[invalid-argument-type]  # generic in its stubs only
    parts = []
    for part in message.walk():
        parts.append(part)
        if len(parts) > PARTS_MAX:
            raise Unreadable("too many parts")
    sender, name = _sender(message)
    daemon = _of_a_daemon(message, sender)
    unanswerable = daemon or _header(message, "Return-Path") == "<>"
    # A report that somebody attached to what they write is none of a mail server's to us.
    reported = unanswerable or message.get_content_type() == "multipart/report"
    returned = returned_in(parts) if reported else None
    if not sender and returned is None:
        raise Unreadable("nobody sent it")
    texts = _texts(parts)
    return Incoming(
        key=_key(message, parcel.content),
        sender=sender,
        name=name,
        addressed=frozenset(address for header in _ADDRESSED for _, address in _addresses(message, header)),
        subject=" ".join(_header(message, "Subject").split()),
        text="\n\n".join(text for text in map(_text, texts) if text),
        attachments=_attachments(parts),
        received_at=_received_at(message),
        whole=parcel.whole,
        automatic=not daemon and _answers_by_itself(message),
        from_machine=unanswerable or _by_a_machine(message),
        returned=returned,
    )


def _of_a_daemon(message: Message, sender: str) -> bool:
    """Of a mail server: what it reports in its own words says that it answers by itself, too."""
    return sender.partition("@")[0].lower() in _MACHINES or bool(message["X-Failed-Recipients"])


def _answers_by_itself(message: Message) -> bool:
    """Whether nobody wrote it: only of this can be said that no complaint is lost with it."""
    precedence = _header(message, "Precedence").lower()
    answers = precedence in _BULK and bool(message["In-Reply-To"] or message["References"]) and not message["List-Id"]
    told = _header(message, "Auto-Submitted").lower().startswith("auto-replied") or precedence == "auto_reply"
    return told or answers or any(message[name] for name in _ANSWERING)


def _by_a_machine(message: Message) -> bool:
    """Sent out by one, or by a list: a person may have written it all the same."""
    bulk = _header(message, "Precedence").lower() in _BULK or bool(message["List-Id"])
    return bulk or _header(message, "Auto-Submitted").lower().startswith("auto-")


def _key(message: Message, content: bytes) -> str:
    """Of what every copy of a message has in common: servers on its way add lines above, and touch nothing below."""
    told = "\n".join(_header(message, name) for name in ("Message-ID", "Date", "From", "Subject"))
    body = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[1:]
    return hashlib.sha256(told.encode() + b"\0" + b"".join(body)).hexdigest()


def _header(message: Message, name: str) -> str:
    return plain(str(message[name] or ""))[:HEADER_LENGTH_MAX].strip()


def _addresses(message: Message, name: str) -> list[tuple[str, str]]:
    values = [plain(str(value))[:HEADER_LENGTH_MAX] for value in message.get_all(name, [])]
    return [(who, address.lower()) for who, address in getaddresses(values) if "@" in address]


def _sender(message: Message) -> tuple[str, str]:
    values = [plain(str(value))[:HEADER_LENGTH_MAX] for value in message.get_all("From", [])]
    named = [(address, who) for who, address in getaddresses(values) if "@" in address]
    return named[0] if named else ("", "")


def _received_at(message: Message) -> datetime | None:
    """What the last server wrote on top, which is our own."""
    stamps = message.get_all("Received", [])
    if not stamps:
        return None
    try:
        stamp = parsedate_to_datetime(str(stamps[0]).rpartition(";")[2].strip())
    except ValueError:
        return None
    return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)


def _text(part: Message) -> str:
    text = plain(_decoded(part))
    return (text_of_html(text) if part.get_content_type() == "text/html" else text).strip()


def _decoded(part: Message) -> str:
    body = part.get_payload(decode=True)
    content = body if isinstance(body, bytes) else b""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):  # a character set nobody knows
        return content.decode("utf-8", "replace")


def _texts(parts: Sequence[Message]) -> list[Message]:
    """What is to be read, in its order; of what is there twice, plain and in HTML, the plain one."""
    either = [list(part.walk()) for part in parts if part.get_content_type() == "multipart/alternative"]
    plainly = [choice for choice in either if any(part.get_content_type() == "text/plain" for part in choice)]
    twice = {id(part) for choice in plainly for part in choice if part.get_content_type() == "text/html"}
    return [part for part in parts if _to_be_read(part) and id(part) not in twice]


def _to_be_read(part: Message) -> bool:
    return part.get_content_type() in {"text/plain", "text/html"} and not part.get_filename()


def _attachments(parts: Sequence[Message]) -> list[bytes]:
    """Everything that is not text to be read, as it was sent: nothing is opened here."""
    contents = [part.get_payload(decode=True) for part in parts if not (part.is_multipart() or _to_be_read(part))]
    return [content for content in contents if isinstance(content, bytes) and content]
