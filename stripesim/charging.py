"""Asking the bank: what becomes of an intent to pay when it is confirmed with a card."""

from typing import Any

from stripesim import payment_methods
from stripesim.cards import AUTHENTICATION, Decline
from stripesim.errors import ApiError
from stripesim.world import Object, Transaction, new_id, public

CODE_FAILED_AUTHENTICATION = "payment_intent_authentication_failure"
# Members of a charge that the stand-in has no use for, and that are there all the same.
NEVER_OF_CHARGE = (
    "application",
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "failure_balance_transaction",
    "on_behalf_of",
    "receipt_number",
    "receipt_url",
    "review",
    "source_transfer",
    "transfer_data",
    "transfer_group",
)


def charge(tx: Transaction, intent: Object, method: Object) -> Object:
    """Take the money, or raise the bank's refusal. Either way there is a charge that says so."""
    decline = payment_methods.refusal(method, charging=True)
    if decline is not None:
        raise decline_error(tx, intent, method, decline)
    paid = tx.put(_charge(intent, method, tx.created))
    if intent["customer"] is None:
        tx.put({**method, "_spent": True})
    elif intent["setup_future_usage"] and method["customer"] is None:
        payment_methods.tie(tx, method, intent["customer"])
    after = tx.put(
        {
            **intent,
            "amount_received": intent["amount"],
            "last_payment_error": None,
            "latest_charge": paid["id"],
            "next_action": None,
            "payment_method": method["id"],
            "status": "succeeded",
        }
    )
    tx.emit("charge.succeeded", paid)
    tx.emit("payment_intent.succeeded", after)
    return after


def decline_error(tx: Transaction, intent: Object, method: Object, decline: Decline) -> ApiError:
    """Record the refusal and word it; the intent asks for another method."""
    failed = tx.put(_charge(intent, method, tx.created, decline))
    members = {
        "charge": failed["id"],
        "code": decline.code,
        "decline_code": decline.decline_code,
        "payment_method": public(method),
        **({"advice_code": decline.advice} if decline.advice else {}),
    }
    tx.emit("charge.failed", failed)
    after = fail(tx, {**intent, "latest_charge": failed["id"]}, decline.message, kind="card_error", members=members)
    return ApiError(402, decline.message, kind="card_error", **members, payment_intent=public(after))


def fail(tx: Transaction, intent: Object, message: str, *, kind: str, members: dict[str, Any]) -> Object:
    after = tx.put(
        {
            **intent,
            "last_payment_error": {**members, "message": message, "type": kind},
            "next_action": None,
            "payment_method": None,
            "status": "requires_payment_method",
        }
    )
    tx.emit("payment_intent.payment_failed", after)
    return after


def fail_authentication(tx: Transaction, intent: Object, method: Object) -> Object:
    """The customer did not prove to be the card's owner."""
    message = "The customer could not be authenticated. Choose another payment method and try again."
    members = {"code": CODE_FAILED_AUTHENTICATION, "payment_method": public(method)}
    return fail(tx, intent, message, kind="invalid_request_error", members=members)


def needs_authentication(method: Object, *, off_session: bool) -> bool:
    rule = payment_methods.behaviour(method).authenticates
    if rule == "unless_set_up":
        return not (off_session and method.get("_set_up"))
    return rule == "always"


def require_action(tx: Transaction, intent: Object, method: Object, *, base: str, return_url: str | None) -> Object:
    waiting = {**intent, "payment_method": method["id"], "status": "requires_action"}
    after = tx.put({**waiting, "next_action": next_action(intent, base=base, return_url=return_url)})
    tx.emit("payment_intent.requires_action", after)
    return after


def next_action(intent: Object, *, base: str, return_url: str | None) -> Object:
    """Where the customer proves to be the card's owner: a page to go to, or one that stripe.js shows in place."""
    url = f"{base}/v3/authenticate.html?intent={intent['id']}&client_secret={intent['client_secret']}"
    if return_url is not None:
        return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": url, "type": "three_d_secure_redirect"}}


def authentication_declined(tx: Transaction, intent: Object, method: Object) -> ApiError:
    return decline_error(tx, intent, method, AUTHENTICATION)


def _charge(intent: Object, method: Object, created: int, decline: Decline | None = None) -> Object:
    paid = decline is None
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "KALECART",
        "captured": paid,
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": _outcome(method, decline),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method, intent["amount"] if paid else None),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "shipping": intent["shipping"],
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded" if paid else "failed",
        **dict.fromkeys(NEVER_OF_CHARGE),
    }


def _outcome(method: Object, decline: Decline | None) -> Object:
    risk = payment_methods.behaviour(method).risk
    if decline is None:
        verdict = {"network_status": "approved_by_network", "reason": None, "type": "authorized"}
    elif decline.blocked:
        verdict = {"network_status": "not_sent_to_network", "reason": "highest_risk_level", "type": "blocked"}
    else:
        verdict = {"network_status": "declined_by_network", "reason": decline.decline_code, "type": "issuer_declined"}
    told = "Payment complete." if decline is None else "The bank returned a decline."
    advice = decline.advice if decline else None
    codes = {"advice_code": advice, "network_advice_code": None, "network_decline_code": None}
    return {**codes, **verdict, "risk_level": risk, "seller_message": told}


def _details(method: Object, authorized: int | None) -> Object:
    face = method["card"]
    shown = {
        name: face[name] for name in ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    }
    cvc = {"cvc_check": "pass" if method["_cvc_given"] else None}
    card = {
        **shown,
        "amount_authorized": authorized,
        "authorization_code": None,
        "checks": {**face["checks"], **cvc},
        "installments": None,
        "mandate": None,
        "network": face["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "regulated_status": face["regulated_status"],
        "three_d_secure": None,
        "wallet": None,
    }
    return {"card": card, "type": "card"}
