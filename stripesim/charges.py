"""Charges: what moved, is on its way, or was refused. They are made by confirming a PaymentIntent."""

from stripesim import payment_methods
from stripesim.bank_accounts import KIND as BANK
from stripesim.bank_accounts import Return
from stripesim.cards import Decline
from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.objects import PAGING, listing
from stripesim.search import search
from stripesim.world import Object, new_id

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


def of_card(intent: Object, method: Object, created: int, decline: Decline | None = None) -> Object:
    """What the bank said to a card: at once yes, or no."""
    charge = _charge(intent, method, created, _card_details(method, intent["amount"] if decline is None else None))
    risk = payment_methods.behaviour(method).risk
    if decline is None:
        return {**paid(charge), "outcome": {**_APPROVED, "risk_level": risk}}
    if decline.blocked:
        verdict = {"network_status": "not_sent_to_network", "reason": "highest_risk_level", "type": "blocked"}
    else:
        verdict = {"network_status": "declined_by_network", "reason": decline.decline_code, "type": "issuer_declined"}
    told = {"seller_message": "The bank returned a decline.", "risk_level": risk, "advice_code": decline.advice}
    failure = {"failure_code": decline.code, "failure_message": decline.message, "status": "failed"}
    return {**charge, **failure, "outcome": {**_APPROVED, **verdict, **told}}


def of_bank(intent: Object, method: Object, created: int, *, mandate: str) -> Object:
    """A debit on its way: for days nobody knows what becomes of it."""
    charge = _charge(intent, method, created, _bank_details(method, mandate))
    return {**charge, "id": new_id("py"), "outcome": {**_APPROVED, "risk_level": "not_assessed"}, "status": "pending"}


def paid(charge: Object) -> Object:
    after = {**charge, "amount_captured": charge["amount"], "captured": True, "paid": True, "status": "succeeded"}
    if (bank := charge["payment_method_details"].get(BANK)) is not None:
        # Banks know a settled debit by its trace number.
        details = {"type": BANK, BANK: {**bank, "payment_reference": f"091000{charge['created'] % 10**9:09}"}}
        after["payment_method_details"] = details
    return after


def returned(charge: Object, why: Return) -> Object:
    verdict = {"network_status": "declined_by_network", "reason": why.code, "type": "issuer_declined"}
    outcome = {**charge["outcome"], **verdict, "seller_message": "The bank returned the debit."}
    return {**charge, "failure_code": why.code, "failure_message": why.message, "outcome": outcome, "status": "failed"}


_APPROVED = {
    **dict.fromkeys(("advice_code", "network_advice_code", "network_decline_code", "reason")),
    "network_status": "approved_by_network",
    "seller_message": "Payment complete.",
    "type": "authorized",
}


def _charge(intent: Object, method: Object, created: int, details: Object) -> Object:
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "KALECART",
        "captured": False,
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": details,
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "shipping": intent["shipping"],
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        **dict.fromkeys(NEVER_OF_CHARGE),
    }


def _card_details(method: Object, authorized: int | None) -> Object:
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


def _bank_details(method: Object, mandate: str) -> Object:
    names = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")
    shown = {name: method[BANK][name] for name in names}
    return {"type": BANK, BANK: {**shown, "mandate": mandate, "payment_reference": None}}


def retrieve(call: Call) -> Answer:
    return call.tx.require("charge", call.path["charge"])


def update(call: Call) -> Answer:
    before = call.tx.require("charge", call.path["charge"])
    given = {"description": call.form.text("description")} if "description" in call.form else {}
    after = call.tx.put({**before, **given, "metadata": call.form.metadata(before["metadata"])})
    call.tx.emit("charge.updated", after)
    return after


def page(call: Call) -> Answer:
    customer = call.form.text("customer")
    if "payment_intent" not in call.form:
        return listing(call, "charge", tie="customer")
    return listing(call, "charge", tie="payment_intent", keep=lambda body: customer in {None, body["customer"]})


def found(call: Call) -> Answer:
    return search(call, "charge")


ENDPOINTS = (
    Endpoint(method="GET", path="/v1/charges", run=page, takes=PAGING | {"customer", "payment_intent"}),
    Endpoint(method="GET", path="/v1/charges/search", run=found, takes=("expand", "limit", "page", "query")),
    Endpoint(method="GET", path="/v1/charges/{charge}", run=retrieve, takes=("expand",)),
    Endpoint(method="POST", path="/v1/charges/{charge}", run=update, takes=("description", "expand", "metadata")),
)
