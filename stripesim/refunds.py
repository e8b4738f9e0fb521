"""Refunds: money given back against a charge, at once or, for two published cards and all bank accounts, later."""

from stripesim import payment_methods, plans
from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.errors import ApiError, InvalidParameters
from stripesim.objects import PAGING, listing
from stripesim.world import Object, Transaction, new_id

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
TAKES = ("amount", "charge", "expand", "metadata", "payment_intent", "reason")
LATER_S = 3.0


def create(call: Call) -> Answer:
    charge = _charge(call)
    given = {"metadata": call.form.metadata(), "reason": call.form.choice("reason", REASONS)}
    return refunded(call.tx, charge, call.form.integer("amount"), **given)


def refunded(tx: Transaction, charge: Object, amount: int | None, *, metadata: Object, reason: str | None) -> Object:
    """Give back an amount, or all that is left, of a charge whose money is still here."""
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    dispute = tx.find("dispute", charge.get("_dispute", ""))
    if dispute is not None and not dispute["is_charge_refundable"]:
        message = f"The charge {charge['id']} was charged back; it cannot be refunded."
        raise ApiError(400, message, code="charge_disputed")
    if left <= 0:
        message = f"The charge {charge['id']} has already been refunded."
        raise ApiError(400, message, code="charge_already_refunded")
    if amount < 1:
        raise InvalidParameters("The amount must be at least 1.", code="parameter_invalid_integer", param="amount")
    if amount > left:
        message = f"A refund of {amount} is more than the {left} that is left of the charge {charge['id']}."
        raise ApiError(400, message, param="amount")
    return _refund(tx, charge, amount, metadata=metadata, reason=reason)


def _charge(call: Call) -> Object:
    named = [name for name in ("charge", "payment_intent") if name in call.form]
    if len(named) != 1:
        message = "Name the charge or the PaymentIntent to refund, and not both."
        raise InvalidParameters(
            message, code="parameter_missing" if not named else None, param=None if named else "charge"
        )
    intent = call.pointed("payment_intent", "payment_intent")
    ident = call.form.text("charge") if intent is None else intent["latest_charge"]
    charge = None if ident is None else call.tx.require("charge", ident, param="charge", status=404)
    if charge is None or not charge["paid"]:
        raise ApiError(400, "There is no successful charge to refund.", param=named[0])
    return charge


def _refund(tx: Transaction, charge: Object, amount: int, *, metadata: Object, reason: str | None) -> Object:
    comes_to, after_s = _course(tx, charge)
    pending = comes_to == "succeed_later"
    refund = tx.put(
        {
            "id": new_id("pyr" if charge["id"].startswith("py_") else "re"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": tx.created,
            "currency": charge["currency"],
            "destination_details": _destination(charge, pending=pending),
            "metadata": metadata,
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "pending" if pending else "succeeded",
            "transfer_reversal": None,
            **({"pending_reason": "processing"} if pending else {}),
        }
    )
    after = tx.put(_with_refunded(charge, amount))
    tx.emit("refund.created", refund)
    tx.emit("charge.refunded", after, previous_attributes={"amount_refunded": charge["amount_refunded"]})
    if comes_to != "succeed":
        plans.promise(tx, f"refund.{comes_to}", refund["id"], after_s=after_s)
    return refund


def _course(tx: Transaction, charge: Object) -> tuple[str, float]:
    """What the refund comes to, and when: to a bank account it takes as long as a debit."""
    method = tx.require("payment_method", charge["payment_method"])
    if payment_methods.is_bank(method):
        return "succeed_later", tx.world.bank_delay_s
    return payment_methods.behaviour(method).refunds, LATER_S


def _destination(charge: Object, *, pending: bool) -> Object:
    if charge["id"].startswith("py_"):
        known = {"reference": None, "reference_status": "pending"}
        if not pending:
            known = {"reference": f"091000{charge['created'] % 10**9:09}", "reference_status": "available"}
        return {"type": "us_bank_transfer", "us_bank_transfer": known}
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    return {"card": card, "type": "card"}


def _with_refunded(charge: Object, amount: int) -> Object:
    refunded = charge["amount_refunded"] + amount
    return {**charge, "amount_refunded": refunded, "refunded": refunded == charge["amount_captured"]}


def succeed_later(tx: Transaction, ident: str) -> None:
    refund = tx.require("refund", ident)
    if refund["status"] == "pending":
        settle(tx, refund, "succeeded")


def fail_later(tx: Transaction, ident: str) -> None:
    refund = tx.require("refund", ident)
    if refund["status"] == "succeeded":
        settle(tx, refund, "failed")


def settle(tx: Transaction, refund: Object, status: str, *, why: str = "expired_or_canceled_card") -> Object:
    """It arrived; or the bank sent the money back, and the charge is as if that refund had not been."""
    after = {name: value for name, value in refund.items() if name != "pending_reason"} | {"status": status}
    charge = tx.require("charge", refund["charge"])
    if status == "failed":
        after["failure_reason"] = why
        tx.put(_with_refunded(charge, -refund["amount"]))
    elif charge["id"].startswith("py_"):
        after["destination_details"] = _destination(charge, pending=False)
    tx.put(after)
    for kind in ("refund.updated", "charge.refund.updated"):
        tx.emit(kind, after, previous_attributes={"status": refund["status"]})
    if status == "failed":
        tx.emit("refund.failed", after)
    return after


def retrieve(call: Call) -> Answer:
    return call.tx.require("refund", call.path["refund"])


def update(call: Call) -> Answer:
    before = call.tx.require("refund", call.path["refund"])
    after = call.tx.put({**before, "metadata": call.form.metadata(before["metadata"])})
    call.tx.emit("refund.updated", after, previous_attributes={"metadata": before["metadata"]})
    return after


def page(call: Call) -> Answer:
    tie = "charge" if "charge" in call.form else "payment_intent"
    return listing(call, "refund", tie=tie)


ENDPOINTS = (
    Endpoint(method="POST", path="/v1/refunds", run=create, takes=TAKES),
    Endpoint(method="GET", path="/v1/refunds", run=page, takes=PAGING | {"charge", "payment_intent"}),
    Endpoint(method="GET", path="/v1/refunds/{refund}", run=retrieve, takes=("expand",)),
    Endpoint(method="POST", path="/v1/refunds/{refund}", run=update, takes=("expand", "metadata")),
)
