"""Refunds: money given back against a charge, at once or, for two published cards, some time later."""

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
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = call.form.integer("amount")
    amount = left if amount is None else amount
    if left <= 0:
        message = f"The charge {charge['id']} has already been refunded."
        raise ApiError(400, message, code="charge_already_refunded")
    if amount < 1:
        raise InvalidParameters("The amount must be at least 1.", code="parameter_invalid_integer", param="amount")
    if amount > left:
        message = f"A refund of {amount} is more than the {left} that is left of the charge {charge['id']}."
        raise ApiError(400, message, param="amount")
    return _refund(call, charge, amount)


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


def _refund(call: Call, charge: Object, amount: int) -> Object:
    card = payment_methods.behaviour(call.tx.require("payment_method", charge["payment_method"]))
    refund = call.tx.put(
        {
            "id": new_id("re"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": call.tx.created,
            "currency": charge["currency"],
            "destination_details": _destination(),
            "metadata": call.form.metadata(),
            "payment_intent": charge["payment_intent"],
            "reason": call.form.choice("reason", REASONS),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "pending" if card.refunds == "succeed_later" else "succeeded",
            "transfer_reversal": None,
        }
    )
    after = call.tx.put(_with_refunded(charge, amount))
    call.tx.emit("refund.created", refund)
    call.tx.emit("charge.refunded", after, previous_attributes={"amount_refunded": charge["amount_refunded"]})
    if card.refunds != "succeed":
        plans.promise(call.tx, f"refund.{card.refunds}", refund["id"], after_s=LATER_S)
    return refund


def _destination() -> Object:
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    return {"card": card, "type": "card"}


def _with_refunded(charge: Object, amount: int) -> Object:
    refunded = charge["amount_refunded"] + amount
    return {**charge, "amount_refunded": refunded, "refunded": refunded == charge["amount_captured"]}


def succeed_later(tx: Transaction, ident: str) -> None:
    refund = tx.require("refund", ident)
    if refund["status"] == "pending":
        tx.emit("refund.updated", tx.put({**refund, "status": "succeeded"}), previous_attributes={"status": "pending"})


def fail_later(tx: Transaction, ident: str) -> None:
    """The bank sends the money back: the charge is as if that refund had not been."""
    refund = tx.require("refund", ident)
    if refund["status"] != "succeeded":
        return
    reason = "expired_or_canceled_card"
    after = tx.put({**refund, "status": "failed", "failure_reason": reason})
    charge = tx.require("charge", refund["charge"])
    tx.put(_with_refunded(charge, -refund["amount"]))
    tx.emit("refund.updated", after, previous_attributes={"status": "succeeded"})
    tx.emit("refund.failed", after)


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
