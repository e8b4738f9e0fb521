"""The disclosure ledger: what left the shop about a person, to whom, what for and when (C10).

A line is written before its bytes leave, in the transaction that is there anyway: whoever dies in between has told the
person of too much and not of too little. Handing Stripe's own ids back to Stripe discloses nothing. Append-only by
privilege. It holds no value that left, only its kind.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart.database import Tx
from kalecart.ids import new_id
from kalecart.tables import metadata


class Recipient(StrEnum):
    """Who may be told something about a person. The database knows the same."""

    STRIPE = "stripe"
    MAIL = "mail"
    COURIER = "courier"
    DOWNLOAD = "download"
    AGENT = "agent"

    @property
    def label(self) -> str:
        return _RECIPIENTS[self]


class Ground(StrEnum):
    """What for. The database knows the same."""

    PAYMENT = "payment"
    DELIVERY = "delivery"
    LETTER = "letter"
    ACCESS = "access"
    LAW = "law"

    @property
    def label(self) -> str:
        return _GROUNDS[self]


class Field(StrEnum):
    """Kinds of what can leave."""

    CUSTOMER_ID = "customer_id"
    ORDER_ID = "order_id"
    AMOUNT = "amount"
    PAYMENT_METHOD = "payment_method"
    INTERNET_ADDRESS = "internet_address"
    BROWSER = "browser"
    DEPOSIT_PROOF = "deposit_proof"
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    ORDER_LINES = "order_lines"
    CARD_LAST4 = "card_last4"
    LETTER = "letter"
    PACKAGE = "package"

    @property
    def label(self) -> str:
        return _FIELDS[self]


_RECIPIENTS: Final = {
    Recipient.STRIPE: "Stripe, which moves the money",
    Recipient.MAIL: "Our mail service, to write to you",
    Recipient.COURIER: "The person who delivers",
    Recipient.DOWNLOAD: "You, by download",
    Recipient.AGENT: "Somebody you named to act for you",
}
_GROUNDS: Final = {
    Ground.PAYMENT: "to collect a payment or give it back",
    Ground.DELIVERY: "to deliver your order",
    Ground.LETTER: "to tell you about your order or account",
    Ground.ACCESS: "because you asked for your data",
    Ground.LAW: "because the law required it",
}
_FIELDS: Final = {
    Field.CUSTOMER_ID: "a number that stands for you",
    Field.ORDER_ID: "a number that stands for the order",
    Field.AMOUNT: "the amount",
    Field.PAYMENT_METHOD: "which saved card or bank account",
    Field.INTERNET_ADDRESS: "the internet address you agreed from",
    Field.BROWSER: "the name of your browser",
    Field.DEPOSIT_PROOF: "what you read in your bank statement",
    Field.NAME: "name",
    Field.EMAIL: "e-mail address",
    Field.PHONE: "phone number",
    Field.ADDRESS: "address",
    Field.ORDER_LINES: "what was ordered",
    Field.CARD_LAST4: "the last four digits of the card or account",
    Field.LETTER: "the letter itself",
    Field.PACKAGE: "the package with your data",
}

_RECIPIENT_KNOWN: Final = ", ".join(f"'{each}'" for each in Recipient)
_GROUND_KNOWN: Final = ", ".join(f"'{each}'" for each in Ground)

# The person is a customer, a member of staff, or somebody without an account; whoever is erased stays in it by a number
# that leads nowhere. One index serves the only question there is: what left about this person, in order.
disclosure: Final = sa.Table(
    "disclosure",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("fields", ARRAY(sa.Text), nullable=False),
    sa.Column("ground", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("cardinality(fields) > 0", name="disclosure_says_what"),
    sa.CheckConstraint(f"ground IN ({_GROUND_KNOWN})", name="disclosure_ground_known"),
    sa.CheckConstraint(f"recipient IN ({_RECIPIENT_KNOWN})", name="disclosure_recipient_known"),
)

# What a try to collect tells Stripe; its line is part of the statement that opens the try (`payments/store.py`).
CHARGE_FIELDS: Final = (Field.ORDER_ID, Field.AMOUNT, Field.PAYMENT_METHOD)


async def disclose(
    tx: Tx,
    person_id: UUID,
    *,
    recipient: Recipient,
    fields: Collection[Field],
    ground: Ground,
    reference: object,
    now: datetime,
) -> None:
    """Write one line. `reference` is the id of the act: an order, a refund, a message, a package."""
    row = {"person_id": person_id, "id": new_id(), "reference": str(reference), "at": now}
    told = [str(each) for each in fields]
    await tx.execute(_TELL, row | {"recipient": recipient, "fields": told, "ground": ground})


_TELL: Final = sa.insert(disclosure)


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """One line as pages and packages show it. Ids grow with time."""

    id: UUID
    recipient: Recipient
    fields: tuple[Field, ...]
    ground: Ground
    reference: str
    at: datetime


async def disclosures_of(
    tx: Tx, person_id: UUID, *, limit: int | None = None, before: UUID | None = None
) -> Sequence[Disclosure]:
    """What left about a person, the latest first; all of it where there is no limit, or what came before a line."""
    d = disclosure.c
    columns = (d.id, d.recipient, d.fields, d.ground, d.reference, d.at)
    rows = sa.select(*columns).where(d.person_id == person_id).order_by(d.id.desc()).limit(limit)
    if before is not None:
        rows = rows.where(d.id < before)
    return [
        Disclosure(
            id=row.id,
            recipient=Recipient(row.recipient),
            fields=tuple(Field(each) for each in row.fields),
            ground=Ground(row.ground),
            reference=row.reference,
            at=row.at,
        )
        for row in await tx.execute(rows)
    ]
