"""What Stripe's JSON says, as our nouns. Knows its shapes and not its library."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from kalecart.ids import OrderId, RefundId
from kalecart.payments.bank_account import AccountSnapshot, BankSetup, MandateSnapshot
from kalecart.payments.dispute import DisputeSnapshot
from kalecart.payments.event import EventSnapshot
from kalecart.payments.intent import REQUIRES_METHOD, IntentSnapshot
from kalecart.payments.method import CardSnapshot, CardUnusable, MethodSnapshot
from kalecart.payments.refund import RefundSnapshot, RefundState

Described = Mapping[str, Any]


def intent(described: Described) -> IntentSnapshot:
    # What went wrong is the last try's only while another is asked for; and one that failed before it came to a charge
    # leaves that of an earlier try as the latest.
    trouble = (described.get("last_payment_error") or {}) if described["status"] == REQUIRES_METHOD else {}
    charge = trouble.get("charge") if trouble else described.get("latest_charge")
    method = (trouble.get("payment_method") or {}) if trouble else described.get("payment_method")
    return IntentSnapshot(
        stripe_id=described["id"],
        status=described["status"],
        amount_cents=described["amount"],
        order_id=_ours(described, "order_id", OrderId),
        charge_id=_id(charge),
        decline_code=trouble.get("decline_code") or trouble.get("code"),
        method_id=_id(method),
    )


def bank_page(described: Described) -> str | None:
    """Where an intent sends the customer, if it waits for them."""
    redirect = (described.get("next_action") or {}).get("redirect_to_url") or {}
    return redirect.get("url")


# An action a refund waits for is the customer's bank's business: until it is done the money is on its way.
_REFUND_STATES: Final = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


def refund(described: Described) -> RefundSnapshot:
    return RefundSnapshot(
        stripe_id=described["id"],
        refund_id=_ours(described, "refund_id", RefundId),
        intent_id=_id(described.get("payment_intent")),
        amount_cents=described["amount"],
        state=_REFUND_STATES[described["status"]],
        failure_code=described.get("failure_reason"),
    )


def dispute(described: Described) -> DisputeSnapshot:
    due = (described.get("evidence_details") or {}).get("due_by")
    return DisputeSnapshot(
        stripe_id=described["id"],
        intent_id=_id(described.get("payment_intent")),
        amount_cents=described["amount"],
        status=described["status"],
        reason=described["reason"],
        evidence_due_at=datetime.fromtimestamp(due, UTC) if due else None,
        opened_at=datetime.fromtimestamp(described["created"], UTC),
    )


def event(described: Described, *, live: bool) -> EventSnapshot:
    """Some objects that events tell of have no id; none of those changes the books."""
    return EventSnapshot(
        stripe_id=described["id"],
        kind=described["type"],
        object_id=described["data"]["object"].get("id", ""),
        foreign=described.get("livemode") is not live or described.get("account") is not None,
    )


def card(described: Described) -> CardSnapshot:
    """Raises CardUnusable for anything that is not a card."""
    found = described.get("card")
    if described.get("type") != "card" or not found:
        raise CardUnusable("This is not a card. Please use a credit or debit card.")
    return CardSnapshot(
        stripe_id=described["id"],
        brand=found.get("brand") or "unknown",
        funding=found.get("funding") or "unknown",
        last4=found.get("last4") or "",
        expires=_expires(found),
    )


def method(described: Described) -> MethodSnapshot:
    face = described.get("card") or described.get("us_bank_account") or {}
    return MethodSnapshot(
        stripe_id=described["id"],
        attached=described.get("customer") is not None,
        last4=face.get("last4") or "",
        expires=_expires(face) if described.get("card") else None,
    )


def setup(described: Described) -> BankSetup:
    """A SetupIntent of a bank account, with its payment method expanded."""
    found = described.get("payment_method")
    face = (found or {}).get("us_bank_account") if isinstance(found, Mapping) else None
    account = None
    if isinstance(found, Mapping) and face:
        account = AccountSnapshot(
            stripe_id=found["id"], last4=face.get("last4") or "", bank=face.get("bank_name") or "Bank"
        )
    return BankSetup(
        stripe_id=described["id"],
        status=described["status"],
        stripe_customer_id=_id(described.get("customer")),
        mandate_id=_id(described.get("mandate")),
        account=account,
        secret=described.get("client_secret") or "",
    )


def mandate(described: Described) -> MandateSnapshot:
    ended = described["status"] == "inactive"
    return MandateSnapshot(stripe_id=described["id"], method_id=_id(described["payment_method"]) or "", ended=ended)


def _expires(face: Described) -> str:
    return f"{face.get('exp_month', 0):02d}/{face.get('exp_year', 0)}"


def _ours(described: Described, name: str, kind: Any) -> Any:
    """An id of ours that we gave Stripe to keep; None where there is none, or none of our making."""
    try:
        return kind(UUID((described.get("metadata") or {})[name]))
    except (KeyError, ValueError):
        return None


def _id(value: Any) -> str | None:
    return value.get("id") if isinstance(value, Mapping) else value


# What says something about a person in an answer of Stripe's; the rest is its own bookkeeping.
_OF_A_PERSON: Final = ("name", "email", "phone", "address", "shipping", "description", "metadata")


def held(described: Described) -> dict[str, Any]:
    """A customer or a means of payment as a package tells it: kind, last four digits, and whatever names the person."""
    kind = described.get("type") or described["object"]
    means = described.get(kind) or {}
    billing = described.get("billing_details") or {}
    told = {name: described.get(name) or billing.get(name) for name in _OF_A_PERSON}
    shown = ("brand", "last4", "exp_month", "exp_year", "bank_name", "funding", "country")
    told |= {name: means.get(name) for name in shown} if isinstance(means, Mapping) else {}
    since = datetime.fromtimestamp(described["created"], UTC)
    return {"id": described["id"], "kind": kind, "since": since} | {
        name: value for name, value in told.items() if value
    }
