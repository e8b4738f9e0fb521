"""The life of a dispute: an owner goes to the bank, the money is taken back, and somebody wins.

An inquiry (`warning_…`) only asks, and moves no money until it is escalated. A debit that its bank takes back is lost
as soon as it is disputed, and the mandate with it: there is nobody to argue with.
"""

from collections.abc import Mapping

from stripesim import mandates
from stripesim.errors import ApiError, InvalidParameters
from stripesim.plans import promise
from stripesim.world import Object, Transaction, new_id

REASONS = (
    *("bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated", "debit_not_authorized"),
    *("duplicate", "fraudulent", "general", "incorrect_account_details", "insufficient_funds", "noncompliant"),
    *("product_not_received", "product_unacceptable", "subscription_canceled", "unrecognized"),
)
NETWORK_CODES = {
    "credit_not_processed": "13.6",
    "duplicate": "12.6",
    "fraudulent": "10.4",
    "product_not_received": "13.1",
    "product_unacceptable": "13.3",
    "subscription_canceled": "13.2",
    "unrecognized": "10.4",
}
ARROWS: Mapping[str, tuple[str, ...]] = {
    "warning_needs_response": ("warning_under_review", "warning_closed", "needs_response"),
    "warning_under_review": ("warning_closed", "needs_response"),
    "needs_response": ("under_review", "won", "lost"),
    "under_review": ("won", "lost"),
    "warning_closed": (),
    "won": (),
    "lost": (),
}
EVIDENCE = (
    *("access_activity_log", "billing_address", "cancellation_policy_disclosure", "cancellation_rebuttal"),
    *("customer_email_address", "customer_name", "customer_purchase_ip", "duplicate_charge_explanation"),
    *("duplicate_charge_id", "product_description", "refund_policy_disclosure", "refund_refusal_explanation"),
    *("service_date", "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number"),
    "uncategorized_text",
)
# Evidence that is a file, of which the stand-in keeps none.
FILES = (
    *("cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation"),
    *("receipt", "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file"),
)
VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}
DAY_S, DAYS_TO_ANSWER, FEE = 86_400, 8, 1500


def open_dispute(
    tx: Transaction, charge: Object, reason: str, *, amount: int | None = None, inquiry: bool = False
) -> Object:
    """A dispute of what is left of a charge, with its events."""
    card = charge["payment_method_details"].get("card")
    left = charge["amount_captured"] - charge["amount_refunded"]
    dispute = _new(tx, charge, reason, left if amount is None else amount, card=card, inquiry=inquiry)
    tx.put({**charge, "disputed": True, "_dispute": dispute["id"]})
    tx.put(dispute)
    tx.emit("charge.dispute.created", dispute)
    if not inquiry:
        tx.emit("charge.dispute.funds_withdrawn", dispute)
    if card is None:
        tx.emit("charge.dispute.closed", dispute)
        mandates.revoke(tx, charge["payment_method"])
    else:
        due_in_s = dispute["evidence_details"]["due_by"] - tx.world.now()
        promise(tx, "dispute.overdue", dispute["id"], after_s=due_in_s)
    return dispute


def _new(tx: Transaction, charge: Object, reason: str, amount: int, *, card: Object | None, inquiry: bool) -> Object:
    ident = new_id("du")
    status = "warning_needs_response" if inquiry else "needs_response"
    dispute = {
        "id": ident,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": tx.created,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys((*EVIDENCE, *FILES)), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": None if card is None else _due_by(tx),
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "lost" if card is None else status,
    }
    if card is not None:
        dispute["payment_method_details"] = {"card": _case(card["brand"], reason, inquiry=inquiry), "type": "card"}
    return dispute if inquiry else {**dispute, "balance_transactions": [_movement(tx, dispute, -amount, FEE)]}


def _due_by(tx: Transaction) -> int:
    """The end of the eighth day."""
    return (tx.created // DAY_S + DAYS_TO_ANSWER + 1) * DAY_S - 1


def _case(brand: str, reason: str, *, inquiry: bool) -> Object:
    code = "10" if inquiry else NETWORK_CODES.get(reason)
    kind = "inquiry" if inquiry else "chargeback"
    return {"brand": brand, "case_type": kind, "network": brand, "network_reason_code": code}


def _movement(tx: Transaction, dispute: Object, amount: int, fee: int) -> Object:
    """Money leaving or coming back, as the account's balance has it."""
    described = {"application": None, "description": "Dispute fee", "type": "stripe_fee"}
    fees = [{"amount": fee, "currency": dispute["currency"], **described}] if fee else []
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": tx.created,
        "balance_type": "payments",
        "created": tx.created,
        "currency": dispute["currency"],
        "description": f"Chargeback {'withdrawal' if amount < 0 else 'reversal'} for {dispute['charge']}",
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fees,
        "net": amount - fee,
        "reporting_category": "dispute" if amount < 0 else "dispute_reversal",
        "source": dispute["id"],
        "status": "available",
        "type": "adjustment",
    }


def answered(tx: Transaction, dispute: Object) -> Object:
    """The evidence is with the bank. Stripe publishes three texts by which a test says what the bank will think."""
    details = {**dispute["evidence_details"], "submission_count": dispute["evidence_details"]["submission_count"] + 1}
    inquiry = is_inquiry(dispute)
    status = "warning_under_review" if inquiry else "under_review"
    after = _moved(tx, {**dispute, "evidence_details": details}, status)
    _announce_update(tx, after, status=dispute["status"])
    said = dispute["evidence"]["uncategorized_text"]
    if inquiry and said == "escalate_inquiry_evidence":
        return escalate(tx, after)
    if said not in VERDICTS:
        return after
    return settle(tx, after, "warning_closed" if inquiry else VERDICTS[said])


def settle(tx: Transaction, dispute: Object, status: str) -> Object:
    """The end: won and the money comes back, lost and it does not, or an inquiry without consequences."""
    after = _moved(tx, dispute, status)
    if status == "won":
        back = [*dispute["balance_transactions"], _movement(tx, dispute, dispute["amount"], 0)]
        after = tx.put({**after, "balance_transactions": back, "is_charge_refundable": True})
        tx.emit("charge.dispute.funds_reinstated", after)
    tx.emit("charge.dispute.closed", after)
    return after


def escalate(tx: Transaction, dispute: Object) -> Object:
    """An inquiry becomes a chargeback: now the money goes."""
    moved = _moved(tx, dispute, "needs_response")
    case = _case(dispute["payment_method_details"]["card"]["brand"], dispute["reason"], inquiry=False)
    taken = {
        "balance_transactions": [_movement(tx, dispute, -dispute["amount"], FEE)],
        "evidence_details": {**dispute["evidence_details"], "due_by": _due_by(tx)},
        "is_charge_refundable": False,
        "payment_method_details": {"card": case, "type": "card"},
    }
    after = tx.put({**moved, **taken})
    _announce_update(tx, after, status=dispute["status"])
    tx.emit("charge.dispute.funds_withdrawn", after)
    return after


def overdue(tx: Transaction, ident: str) -> None:
    """Nobody answered in time."""
    dispute = tx.require("dispute", ident)
    if dispute["status"] not in {"needs_response", "warning_needs_response"}:
        return
    if (left_s := dispute["evidence_details"]["due_by"] - tx.world.now()) > 0:
        promise(tx, "dispute.overdue", ident, after_s=left_s)  # an inquiry that was escalated has longer
        return
    missed = {**dispute, "evidence_details": {**dispute["evidence_details"], "past_due": True}}
    settle(tx, missed, "warning_closed" if is_inquiry(dispute) else "lost")


def is_inquiry(dispute: Object) -> bool:
    return dispute["status"].startswith("warning_")


def check_open(dispute: Object) -> None:
    if not ARROWS[dispute["status"]]:
        raise ApiError(400, "This dispute is already closed.")


def check_reason(reason: object) -> str:
    if not isinstance(reason, str) or reason not in REASONS:
        raise InvalidParameters(f"'reason' must be one of {', '.join(REASONS)}.", param="reason")
    return reason


def _moved(tx: Transaction, dispute: Object, status: str) -> Object:
    if status not in ARROWS[dispute["status"]]:
        raise ApiError(400, f"A dispute that is {dispute['status']} cannot become {status}.")
    return tx.put({**dispute, "status": status})


def _announce_update(tx: Transaction, dispute: Object, **before: str) -> None:
    tx.emit("charge.dispute.updated", dispute, previous_attributes=before)
    tx.emit("charge.updated", tx.require("charge", dispute["charge"]))
