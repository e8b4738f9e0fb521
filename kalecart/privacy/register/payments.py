"""What is paid with, and the payment record: the credit history of C1, which is the shop's own and no bureau's."""

from typing import Final

from kalecart.privacy.register.entry import (
    AsItIs,
    Category,
    Erasure,
    NotPersonal,
    Number,
    Opened,
    Personal,
    Reason,
    Source,
    Table,
    Withheld,
    WithheldWhile,
)
from kalecart.privacy.subject import Part


def _means(says: str, *, source: Source = Source.STRIPE, erase: Erasure = Erasure.KEPT) -> Personal:
    return Personal(
        says=says,
        category=Category.PAYMENT_MEANS,
        source=source,
        retention="books",
        disclose=AsItIs(),
        erase=erase,
    )


def _record(says: str, source: Source = Source.SHOP) -> Personal:
    return Personal(
        says=says,
        category=Category.PAYMENT_RECORD,
        source=source,
        retention="books",
        disclose=AsItIs(),
        erase=Erasure.KEPT,
    )


def _contested(says: str) -> Personal:
    """What a case at the bank is made of is the shop's own to prepare until it is decided (C11)."""
    return Personal(
        says=says,
        category=Category.PAYMENT_RECORD,
        source=Source.STRIPE,
        retention="books",
        disclose=WithheldWhile(
            holds="dispute.closed_at IS NULL",
            reason=Reason.LEGAL,
            words="A case about it is open at your bank. Ask again once the bank has decided.",
        ),
        erase=Erasure.KEPT,
    )


_RETRY: Final = NotPersonal("counts answers of Stripe's that were errors of its own")

TABLES: Final = (
    Table(
        name="payment_method",
        says="Cards and bank accounts you saved; their full numbers never reach us",
        apart={
            "Full number": Withheld(
                Reason.SECURITY,
                "Stripe has it, and it never reaches us. Whoever knew it could pay with it; its last digits are here.",
            )
        },
        columns={
            "id": Number(names="payment_method"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "stripe_id": _means("What Stripe calls it", erase=Erasure.RENAMED),
            "kind": _means("Card or bank account", source=Source.PERSON),
            "brand": _means("Network"),
            "funding": _means("Credit or debit"),
            "sealed": Personal(
                says="Last four digits, and how long it is valid or which bank it is at",
                category=Category.PAYMENT_MEANS,
                source=Source.STRIPE,
                retention="account",
                disclose=Opened(),
                erase=Erasure.SHREDDED,
                keys={"last4": "its last four digits", "expires": "valid to", "bank": "which bank"},
            ),
            "expires_on": _means("Valid to", erase=Erasure.EMPTIED),
            "expiry_told_at": _means("Told that it expires", source=Source.SHOP),
            "added_at": _means("Saved", source=Source.SHOP),
            "verified_at": _means("Proved to be yours", source=Source.SHOP),
            "barred_at": _record("Not offered since, because of earlier payments"),
            "default_since": _means("Your first choice since", source=Source.PERSON),
            "removed_at": _means("Removed", source=Source.PERSON),
        },
    ),
    Table(
        name="mandate",
        says="What you agreed to when you gave a bank account",
        key="payment_method_id",
        columns={
            "payment_method_id": Number(names="payment_method"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "stripe_id": _means("What Stripe calls the agreement", erase=Erasure.RENAMED),
            "words_sha256": Number(names="consent_words"),
            "accepted_at": _means("Agreed", source=Source.PERSON),
        },
    ),
    Table(
        name="payment_intent",
        says="Payments of your orders",
        key="order_id",
        columns={
            "order_id": Number(names="customer_order", through=True),
            "stripe_id": _record("What Stripe calls it", Source.STRIPE),
            "amount_cents": _record("Amount, in cents"),
            "status": _record("State", Source.STRIPE),
            "server_errors": _RETRY,
            "begun_at": _record("Begun"),
            "checked_at": NotPersonal("when Stripe was last asked about it"),
        },
    ),
    Table(
        name="attempt",
        says="Tries to collect a payment",
        columns={
            "id": Number(names="attempt"),
            "order_id": Number(names="customer_order", through=True),
            "number": _record("Which try"),
            "payment_method_id": Number(names="payment_method"),
            "state": _record("How it went", Source.STRIPE),
            "server_errors": _RETRY,
            "stripe_charge_id": _record("What Stripe calls it", Source.STRIPE),
            "decline_code": _record("Why the bank declined", Source.STRIPE),
            "sent_at": _record("Sent"),
            "ended_at": _record("Ended"),
        },
    ),
    Table(
        name="ledger_entry",
        says="Money that moved",
        columns={
            "id": Number(names="ledger_entry"),
            "order_id": Number(names="customer_order", through=True),
            "kind": _record("What it was"),
            "amount_cents": _record("Amount, in cents", Source.STRIPE),
            "stripe_id": _record("What Stripe calls it", Source.STRIPE),
            "at": _record("When"),
        },
    ),
    Table(
        name="refund",
        says="Money that went back to you",
        acts=("amount_cents", "reason", "asked_at"),
        did="Refunds you asked for",
        columns={
            "id": Number(names="refund"),
            "order_id": Number(names="customer_order", through=True),
            "amount_cents": _record("Amount, in cents"),
            "whole": _record("Whether all that remained was asked for"),
            "reason": _record("Why"),
            "asked_by": _record("Who asked: you, staff, the shop, or somebody in Stripe's dashboard"),
            "staff_id": Number(names="staff", part=Part.ACTOR),
            "state": _record("State", Source.STRIPE),
            "stripe_id": _record("What Stripe calls it", Source.STRIPE),
            "server_errors": _RETRY,
            "failure_code": _record("Why it failed", Source.STRIPE),
            "asked_at": _record("Asked"),
            "ended_at": _record("Ended"),
        },
    ),
    Table(
        name="refund_line",
        says="What a refund was for",
        key="refund_id",
        columns={
            "refund_id": Number(names="refund", through=True),
            "sku": _record("Product"),
            "quantity": _record("How many"),
            "amount_cents": _record("Amount, in cents"),
        },
    ),
    Table(
        name="dispute",
        says="Charges contested at your bank",
        key="stripe_id",
        columns={
            "stripe_id": _record("What Stripe calls it", Source.STRIPE),
            "order_id": Number(names="customer_order", through=True),
            "amount_cents": _record("Amount, in cents", Source.STRIPE),
            "status": _contested("State"),
            "reason": _contested("The bank's reason"),
            "evidence_due_at": _contested("We may answer until"),
            "opened_at": _record("Opened", Source.STRIPE),
            "closed_at": _record("Closed", Source.STRIPE),
        },
    ),
    Table(
        name="inbox",
        says="Events of Stripe's",
        key="event_id",
        columns={
            "event_id": NotPersonal("Stripe's number of an event"),
            "type": NotPersonal("what kind of event, as Stripe calls it"),
            "object_id": NotPersonal("Stripe's number of a payment, which leads to somebody only through its order"),
            "received_at": NotPersonal("when the event came"),
            "settled_at": NotPersonal("when it was in the books"),
            "outcome": NotPersonal("a code"),
        },
    ),
    Table(
        name="stripe_cursor",
        says="How far Stripe's lists were read",
        key="list",
        columns={
            "list": NotPersonal("a list of Stripe's"),
            "read_until": NotPersonal("how far it was read"),
        },
    ),
)
