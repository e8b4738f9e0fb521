"""A message written out, as a mail server takes it."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Letter:
    """`id` is the message's: however often it is tried, it is the same letter to whoever receives it."""

    id: UUID
    to: str
    subject: str
    text: str
    html: str
    written_at: datetime

    def __repr__(self) -> str:
        return f"Letter({self.id})"

    def as_bytes(self, sender: str) -> bytes:
        """Headers, a part in plain text and one in HTML.

        No header holds anything a person typed but the address itself, and the library refuses a line break in any.
        """
        name, address = parseaddr(sender)
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(addr_spec=self.to)
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.written_at)
        message["Message-ID"] = f"<{self.id}@{address.rpartition('@')[2]}>"
        # So that no answering machine writes back.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text)
        message.add_alternative(self.html, subtype="html")
        return message.as_bytes()
