"""What a mail server reports about a letter of ours (RFC 3464): that it came back, or that it is late."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser
from email.utils import getaddresses
from typing import Final
from uuid import UUID

_UNDER_WAY: Final = frozenset({"delayed", "relayed", "expanded", "delivered"})
_STATUS: Final = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_WHOLE: Final = frozenset({"message/rfc822", "message/global"})
_HEADERS: Final = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})
_DELIVERY_STATUS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})


@dataclass(frozen=True, kw_only=True)
class Returned:
    """`message_id` is the letter's as its headers had it; `recipients` are all addresses the report names for it.

    `final` says that nobody tries again, whatever class the status has: "no answer for five days" is a 4.4.7.
    `under_way` says that somebody does, or that it arrived. A report of neither cannot be understood.
    """

    message_id: str
    recipients: frozenset[str] = field(repr=False)
    final: bool
    under_way: bool
    code: str

    def letter_id(self, domain: str) -> UUID | None:
        """Of the letter, where its id is one that the shop gives: a number of ours at our `domain`."""
        number, _, home = self.message_id.strip().strip("<>").partition("@")
        if home.lower() != domain.lower():
            return None
        try:
            return UUID(number)
        except ValueError:
            return None


def returned_in(parts: Sequence[Message]) -> Returned | None:
    """`parts` are those of one message, outermost first; None where none of them is a report of delivery."""
    reports = [part for part in parts if part.get_content_type() in _DELIVERY_STATUS]
    if not reports:
        return None
    fields = [block for report in reports for block in _blocks(report)]
    verdicts = [(_word(block, "Action"), _status(block)) for block in fields if block["Status"] or block["Action"]]
    original = next(_originals(parts), None)
    named = [
        value for block in fields for name in ("Final-Recipient", "Original-Recipient") for value in _all(block, name)
    ]
    addresses = [value.partition(";")[2] or value for value in named]
    if original is not None:
        addresses += [address for _, address in getaddresses(_all(original, "To"))]
    final = [code for action, code in verdicts if action == "failed" or (not action and code.startswith("5"))]
    return Returned(
        message_id="" if original is None else str(original["Message-ID"] or ""),
        recipients=frozenset(address.strip().strip("<>").lower() for address in addresses if address.strip()),
        final=bool(final),
        under_way=any(action in _UNDER_WAY or (code and not action) for action, code in verdicts),
        code=next((code for code in final or [code for _, code in verdicts] if code), ""),
    )


def _blocks(report: Message) -> Iterator[Message]:
    payload = report.get_payload()
    if isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))
    else:  # written with an encoding that reports do not have
        for block in re.split(r"\r?\n\r?\n", str(payload)):
            yield HeaderParser().parsestr(block)


def _originals(parts: Sequence[Message]) -> Iterator[Message]:
    """Headers of the letter the report is about, as far as they were sent back."""
    for part in parts:
        kind, payload = part.get_content_type(), part.get_payload()
        if kind in _WHOLE | _HEADERS and isinstance(payload, list):
            yield from (whole for whole in payload[:1] if isinstance(whole, Message))
        elif kind in _HEADERS:
            body = part.get_payload(decode=True)
            text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(payload)
            yield HeaderParser().parsestr(text.lstrip())


def _all(block: Message, name: str) -> list[str]:
    return [str(value) for value in block.get_all(name, [])]


def _word(block: Message, name: str) -> str:
    words = str(block[name] or "").split()
    return words[0].lower() if words else ""


def _status(block: Message) -> str:
    found = _STATUS.search(str(block["Status"] or ""))
    return found[0] if found else ""
