"""Messages as mail programs and mail servers write them, byte by byte."""

from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

SENDER = "receipts@shop.example"
COMPLAINTS = "complaints@shop.example"
BEA = "bea.quince@example.org"


def a_message(text: str = "My address was read out loud.", subject: str = "Complaint", **headers: str) -> bytes:
    """From Bea to the complaints' address, unless `headers` say otherwise; `_` in their names is a dash."""
    message = EmailMessage(policy=SMTP)
    given = {"From": f"Bea Quince <{BEA}>", "To": COMPLAINTS, "Message-ID": "<1@example.org>", "Subject": subject}
    for name, value in (given | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


def with_files(*files: bytes, text: str = "See what I attach.") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = BEA, COMPLAINTS, "Photos"
    message.set_content(text)
    for number, content in enumerate(files):
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=f"{number}.bin")
    return message.as_bytes()


REPORT = """\
Return-Path: <>
Received: from mx.shop.example by mail.shop.example; {day}
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: receipts@shop.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Message-ID: <report.{letter}.{action}@mx.example.net>
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=us-ascii

I am sorry to have to tell you that your message could not be delivered.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: {day}

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user here

--=_b
Content-Type: {kind}

From: KaleCart <receipts@shop.example>
To: {named}
Subject: Our answer to your complaint
Message-ID: <{letter}@{domain}>

--=_b--
"""


def a_report(letter: UUID | str, *, to: str = BEA, **but: str) -> bytes:
    """What a mail server says of a letter of ours it could not deliver (RFC 3464)."""
    facts = {"action": "failed", "status": "5.1.1", "domain": "shop.example", "kind": "text/rfc822-headers"}
    facts |= {"day": "Mon, 02 Nov 2026 18:00:00 +0000", "named": to}
    return REPORT.format(**(facts | {"to": to, "letter": str(letter)} | but)).replace("\n", "\r\n").encode()
