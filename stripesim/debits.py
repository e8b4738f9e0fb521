"""Debits of bank accounts: asked for today, and known to have come to something only days later."""

from stripesim import charges, charging, disputing, mandates, payment_methods
from stripesim.bank_accounts import KIND, RETURNS, Outcome, Return
from stripesim.endpoints import Call
from stripesim.errors import ApiError
from stripesim.plans import promise
from stripesim.world import Object, Transaction, public

# A debit that its owner takes back after it had succeeded.
LATE_REASON = "debit_not_authorized"


def debit(call: Call, intent: Object, method: Object) -> Object:
    """Send the debit to the bank."""
    tx = call.tx
    if intent["currency"] != "usd":
        raise ApiError(400, "Bank accounts in the US are debited in usd.", code="payment_method_currency_mismatch")
    if not method["_verified"]:
        message = "The bank account is not verified yet. The stand-in verifies accounts by SetupIntents."
        raise ApiError(400, message, code="bank_account_unverified", param="payment_method")
    mandate = mandates.for_payment(call, intent, method)
    charge = tx.put(charges.of_bank(intent, method, tx.created, mandate=mandate))
    method = tx.require("payment_method", method["id"])
    if intent["customer"] is None:
        tx.put({**method, "_spent": True})
    elif intent["setup_future_usage"] and method["customer"] is None:
        payment_methods.tie(tx, method, intent["customer"])
    known = {"last_payment_error": None, "latest_charge": charge["id"], "next_action": None}
    after = tx.put({**intent, **known, "payment_method": method["id"], "status": "processing"})
    tx.emit("charge.pending", charge)
    tx.emit("payment_intent.processing", after)
    if payment_methods.account(method).outcome is not Outcome.NONE:
        promise(tx, "debit.settle", charge["id"], after_s=tx.world.bank_delay_s)
    return after


def settle_later(tx: Transaction, ident: str) -> None:
    """The bank's answer, days later."""
    charge = tx.require("charge", ident)
    if charge["status"] != "pending":
        return
    account = payment_methods.account(tx.require("payment_method", charge["payment_method"]))
    if account.returned is not None:
        fail(tx, charge, account.returned)
        return
    succeed(tx, charge)
    if account.outcome is Outcome.DISPUTED:
        promise(tx, "debit.dispute", ident, after_s=tx.world.bank_delay_s)


def succeed(tx: Transaction, charge: Object) -> Object:
    paid = tx.put(charges.paid(charge))
    intent = tx.require("payment_intent", charge["payment_intent"])
    after = tx.put({**intent, "amount_received": charge["amount"], "status": "succeeded"})
    tx.emit("charge.succeeded", paid)
    tx.emit("payment_intent.succeeded", after)
    return after


def fail(tx: Transaction, charge: Object, why: Return) -> Object:
    """The bank sends the debit back. For some reasons Stripe asks that account no more."""
    returned = tx.put(charges.returned(charge, why))
    method = tx.require("payment_method", charge["payment_method"])
    if why.blocks is not None:
        blocked = {"blocked": {"network_code": why.network_code, "reason": why.blocks}}
        method = tx.put({**method, KIND: {**method[KIND], "status_details": blocked}})
    tx.emit("charge.failed", returned)
    members = {"charge": charge["id"], "code": why.code, "payment_method": public(method)}
    intent = tx.require("payment_intent", charge["payment_intent"])
    return charging.fail(tx, intent, why.message, kind="invalid_request_error", members=members)


def dispute_later(tx: Transaction, ident: str) -> None:
    charge = tx.require("charge", ident)
    if not charge["disputed"] and charge["amount_refunded"] < charge["amount_captured"]:
        disputing.open_dispute(tx, charge, LATE_REASON)


def settle_now(tx: Transaction, intent: Object, outcome: str, code: str) -> Object:
    """The bank's answer as a test wishes it."""
    charge = tx.find("charge", intent["latest_charge"] or "")
    if charge is None or charge["status"] != "pending":
        raise ApiError(400, "There is no debit in processing.", param="payment_intent")
    if outcome == Outcome.SUCCEEDED:
        return succeed(tx, charge)
    if code not in RETURNS:
        raise ApiError(400, f"'code' must be one of {', '.join(RETURNS)}.", param="code")
    return fail(tx, charge, RETURNS[code])


def can_cancel(tx: Transaction, intent: Object) -> bool:
    """Stripe cancels a debit in processing only in rare cases: here, of the account published for trying it."""
    if intent["status"] != "processing":
        return False
    method = tx.require("payment_method", intent["payment_method"])
    return payment_methods.is_bank(method) and payment_methods.account(method).outcome is Outcome.NONE


def call_back(tx: Transaction, intent: Object) -> None:
    charge = tx.require("charge", intent["latest_charge"])
    message = "The payment was canceled before the bank debited the account."
    tx.emit("charge.failed", tx.put({**charge, "failure_message": message, "status": "failed"}))
