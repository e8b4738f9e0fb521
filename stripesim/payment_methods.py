"""Payment methods: a card or a bank account, from its number or from one of the ids Stripe publishes for testing."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from stripesim import bank_accounts
from stripesim.bank_accounts import KIND as BANK
from stripesim.bank_accounts import TestAccount
from stripesim.cards import BY_ID, BY_NUMBER, Decline, TestCard, check_cvc, check_expiry, known
from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.errors import ApiError, InvalidParameters, missing
from stripesim.forms import Form
from stripesim.objects import PAGING, listing
from stripesim.people import billing_details
from stripesim.world import Object, Transaction, new_id

CREATED = frozenset({"allow_redisplay", "billing_details", "card", "expand", "metadata", "type", BANK})
REDISPLAY = ("always", "limited", "unspecified")
# What a published id stands for has no expiry of its own.
MONTHS_LEFT_OF_PUBLISHED = 12


def behaviour(method: Object) -> TestCard:
    return BY_NUMBER[method["_number"]]


def account(method: Object) -> TestAccount:
    return bank_accounts.BY_NUMBER[method["_number"]]


def is_bank(method: Object) -> bool:
    return method["type"] == BANK


def today(tx: Transaction) -> datetime:
    return datetime.fromtimestamp(tx.created, tz=UTC)


def from_form(tx: Transaction, form: Form, *, kind: str | None = None, link: str | None = None) -> Object:
    """A new method from what was typed. A bank account with a `link` to its bank needs no further proof."""
    kind = kind or form.required("type")
    if kind not in {"card", BANK}:
        raise InvalidParameters(f"The stand-in knows only the types 'card' and '{BANK}'.", param="type")
    given = form.hash(kind)
    if given is None:
        raise InvalidParameters(f"Missing required parameter: {kind}.", code="parameter_missing", param=kind)
    billing = billing_details(form.hash("billing_details"))
    if kind == BANK and billing["name"] is None:
        param = "billing_details[name]"
        raise InvalidParameters(f"Missing required parameter: {param}.", code="parameter_missing", param=param)
    method = _bank(tx, *bank_accounts.given(given), link=link) if kind == BANK else _typed_card(tx, given)
    details = {"billing_details": billing, "metadata": form.metadata()}
    return {**method, **details, "allow_redisplay": form.choice("allow_redisplay", REDISPLAY) or "unspecified"}


def _typed_card(tx: Transaction, given: Form) -> Object:
    given.allow(("cvc", "exp_month", "exp_year", "number"))
    number, month, year = given.required("number"), given.integer("exp_month"), given.integer("exp_year")
    if month is None or year is None:
        absent = "card[exp_month]" if month is None else "card[exp_year]"
        raise InvalidParameters(f"Missing required parameter: {absent}.", code="parameter_missing", param=absent)
    card, now = known(number), today(tx)
    expiry = check_expiry(month, year, this_year=now.year, this_month=now.month)
    cvc = given.text("cvc")
    if cvc is not None:
        check_cvc(cvc, card)
    return _card(tx, card, expiry, cvc_given=cvc is not None)


def resolve(tx: Transaction, ident: str, *, param: str = "payment_method", status: int = 400) -> Object:
    """The method with this id. A published id makes a fresh method each time, as it does at Stripe."""
    if ident in BY_ID:
        now = today(tx)
        return tx.put(_card(tx, BY_ID[ident], (now.month, now.year + MONTHS_LEFT_OF_PUBLISHED // 12), cvc_given=True))
    if ident in bank_accounts.BY_ID:
        made = _bank(tx, bank_accounts.BY_ID[ident], "individual", "checking", link=new_id("fca"))
        return tx.put({**made, "billing_details": {**made["billing_details"], "name": "Account Holder"}})
    return tx.require("payment_method", ident, param=param, status=status)


def _card(tx: Transaction, card: TestCard, expiry: tuple[int, int], *, cvc_given: bool) -> Object:
    checks = {"address_line1_check": None, "address_postal_code_check": None}
    face: dict[str, Any] = {
        "brand": card.brand,
        "checks": {**checks, "cvc_check": "unchecked" if cvc_given else None},
        "country": "US",
        "display_brand": card.brand,
        "exp_month": expiry[0],
        "exp_year": expiry[1],
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    return {**_method(tx, "card", face), "_number": card.number, "_cvc_given": cvc_given}


def _bank(tx: Transaction, account: TestAccount, holder: str, kind: str, *, link: str | None) -> Object:
    face = bank_accounts.face(account, holder, kind, link=link)
    return {**_method(tx, BANK, face), "_number": account.number, "_verified": link is not None}


def _method(tx: Transaction, kind: str, face: Object) -> Object:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(None),
        kind: face,
        "created": tx.created,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }


def refusal(method: Object, *, charging: bool) -> Decline | None:
    """Why the bank would refuse this card, if it would; the bank of an account says nothing at once."""
    if is_bank(method):
        return None
    card = behaviour(method)
    if card.declines is not None and card.declines.code == "incorrect_cvc" and not method["_cvc_given"]:
        return None
    return card.declines or (card.declines_charge if charging else None)


def usable(method: Object) -> Object:
    if method.get("_spent"):
        message = (
            f"The payment method {method['id']} was used without a customer, or was detached from one: it cannot be "
            "used again. Attach a method to a customer before using it more than once."
        )
        raise ApiError(400, message, param="payment_method")
    if is_bank(method) and "blocked" in method[BANK]["status_details"]:
        message = f"The bank account of {method['id']} was blocked after a debit came back; it cannot be used again."
        raise ApiError(400, message, code="payment_method_bank_account_blocked", param="payment_method")
    return method


def attach(tx: Transaction, ident: str, customer: str) -> Object:
    """Save the card for the customer; the bank is asked first, so a card that it refuses cannot be attached."""
    tx.require("customer", customer, param="customer", status=400)
    method = usable(resolve(tx, ident))
    if method["customer"] not in {None, customer}:
        raise ApiError(400, "The payment method is already attached to another customer.", param="payment_method")
    if is_bank(method) and not method["_verified"]:
        message = "A bank account must be verified, with a SetupIntent, before it is attached to a customer."
        raise ApiError(400, message, code="bank_account_unverified", param="payment_method")
    if (decline := refusal(method, charging=False)) is not None:
        raise ApiError(402, decline.message, kind="card_error", code=decline.code, decline_code=decline.decline_code)
    if method["customer"] == customer:
        return method
    return tie(tx, method, customer)


def tie(tx: Transaction, method: Object, customer: str) -> Object:
    after = {**method, "customer": customer}
    if not is_bank(method):
        checked = {**method["card"]["checks"], "cvc_check": "pass" if method["_cvc_given"] else None}
        after["card"] = {**method["card"], "checks": checked}
    tx.put(after)
    tx.emit("payment_method.attached", after)
    return after


def create(call: Call) -> Answer:
    return call.tx.put(from_form(call.tx, call.form))


def retrieve(call: Call) -> Answer:
    return resolve(call.tx, call.path["payment_method"], status=404)


def update(call: Call) -> Answer:
    before = call.tx.require("payment_method", call.path["payment_method"])
    if before["customer"] is None:
        raise ApiError(400, "The payment method must be attached to a customer before it is updated.")
    after = {**before, "metadata": call.form.metadata(before["metadata"])}
    if "billing_details" in call.form:
        after["billing_details"] = billing_details(call.form.hash("billing_details"))
    after["allow_redisplay"] = call.form.choice("allow_redisplay", REDISPLAY) or before["allow_redisplay"]
    call.tx.put(after)
    call.tx.emit("payment_method.updated", after)
    return after


def attach_to_customer(call: Call) -> Answer:
    return attach(call.tx, call.path["payment_method"], call.form.required("customer"))


def detach(call: Call) -> Answer:
    return detached(call.tx, call.path["payment_method"])


def detached(tx: Transaction, ident: str) -> Object:
    before = tx.require("payment_method", ident)
    if before["customer"] is None:
        raise ApiError(400, "The payment method is not attached to a customer.", param="payment_method")
    after = tx.put({**before, "customer": None, "_spent": True})
    tx.emit("payment_method.detached", after, previous_attributes={"customer": before["customer"]})
    return after


def renewed(tx: Transaction, ident: str, **face: Any) -> Object:
    """The network's account updater: the same card with another expiry, and perhaps another number."""
    before = tx.require("payment_method", ident)
    if is_bank(before):
        raise ApiError(400, "Only cards are updated by their networks.", param="payment_method")
    changed = {name: value for name, value in face.items() if value is not None and value != before["card"][name]}
    after = tx.put({**before, "card": {**before["card"], **changed}})
    previous = {"card": {name: before["card"][name] for name in changed}}
    tx.emit("payment_method.automatically_updated", after, previous_attributes=previous)
    return after


def page(call: Call) -> Answer:
    if (customer := call.form.text("customer")) is not None and call.tx.find("customer", customer) is None:
        raise missing("customer", customer, param="customer", status=400)
    kind = call.form.text("type")
    return listing(
        call,
        "payment_method",
        tie="customer",
        keep=lambda body: kind in {None, body["type"]} and (customer is None) == (body["customer"] is None),
    )


ENDPOINTS = (
    Endpoint(method="POST", path="/v1/payment_methods", run=create, takes=CREATED, publishable=True),
    Endpoint(method="GET", path="/v1/payment_methods", run=page, takes=(PAGING | {"customer", "type"}) - {"created"}),
    Endpoint(method="GET", path="/v1/payment_methods/{payment_method}", run=retrieve, takes=("expand",)),
    Endpoint(
        method="POST",
        path="/v1/payment_methods/{payment_method}",
        run=update,
        takes=("allow_redisplay", "billing_details", "expand", "metadata"),
    ),
    Endpoint(
        method="POST",
        path="/v1/payment_methods/{payment_method}/attach",
        run=attach_to_customer,
        takes=("customer", "expand"),
    ),
    Endpoint(method="POST", path="/v1/payment_methods/{payment_method}/detach", run=detach, takes=("expand",)),
)
