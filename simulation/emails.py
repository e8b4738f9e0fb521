"""Messages to the shop as mail programs and mail servers write them, byte by byte."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from random import Random
from typing import Final
from uuid import UUID

SENDER: Final = "receipts@shop.example"
COMPLAINTS: Final = "complaints@shop.example"
OTHERS: Final = "mx.example.net"

_REPORT: Final = """\
Return-Path: <>
Received: from {mx} by mail.shop.example; {day}
From: Mail Delivery System <MAILER-DAEMON@{mx}>
To: {sender}
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Message-ID: <{letter}.{action}@{mx}>
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered, or not yet.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; {mx}

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}

--=_b
Content-Type: text/rfc822-headers

From: KaleCart <{sender}>
To: {to}
Message-ID: <{letter}@{home}>

--=_b--
"""


def an_email(chance: Random, writer: str, text: str, *, at: datetime, **headers: str) -> bytes:
    """To the complaints' address, unless `headers` say otherwise; `_` in their names is a dash."""
    message = EmailMessage(policy=SMTP)
    stamp = format_datetime(at)
    given = {
        "Received": f"from {OTHERS} by mail.shop.example; {stamp}",
        "From": writer,
        "To": COMPLAINTS,
        "Subject": "Complaint",
        "Date": stamp,
        "Message-ID": f"<{chance.randrange(10**18)}@{OTHERS}>",
    }
    for name, value in (given | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


def a_report(letter: UUID, to: str, *, at: datetime, final: bool = True) -> bytes:
    """What a mail server says of a letter of ours: that it came back, or that it is still on its way."""
    told = ("failed", "5.1.1", "Undelivered Mail") if final else ("delayed", "4.4.1", "Delayed Mail")
    action, status, subject = told
    facts = {"letter": letter, "to": to, "action": action, "status": status, "subject": subject}
    facts |= {"day": format_datetime(at), "mx": OTHERS, "sender": SENDER, "home": SENDER.rpartition("@")[2]}
    return _REPORT.format(**facts).replace("\n", "\r\n").encode()
