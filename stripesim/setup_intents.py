"""SetupIntents: saving a card for later without charging it."""

from stripesim import bank_setups, charging, payment_methods
from stripesim.cards import Decline
from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.errors import ApiError, InvalidParameters
from stripesim.intents import (
    OPEN,
    USAGES,
    automatic,
    check_owner,
    check_type,
    intent_of,
    method_given,
    options_of,
    seen,
    types_of,
    unexpected,
)
from stripesim.objects import PAGING, listing
from stripesim.world import Object, Transaction, new_id, public

CONFIRMING = frozenset(
    {"expand", "mandate_data", "payment_method", "payment_method_data", "return_url", "use_stripe_sdk"}
)
DESCRIBED = frozenset(
    {
        *("automatic_payment_methods", "customer", "description", "metadata"),
        *("payment_method_options", "payment_method_types"),
    }
)
REASONS = ("abandoned", "duplicate", "requested_by_customer")
AMENDED = frozenset({"customer", "description", "expand", "metadata", "payment_method", "payment_method_data"})


def create(call: Call) -> Answer:
    confirming = call.form.boolean("confirm") is True
    early = next((name for name in ("mandate_data", "return_url") if name in call.form), None)
    if not confirming and early is not None:
        raise InvalidParameters(f"'{early}' can only be given together with confirm=true.", param=early)
    method = method_given(call)
    intent = call.tx.put(_new(call, method))
    call.tx.emit("setup_intent.created", intent)
    return _confirm(call, intent) if confirming else intent


def _new(call: Call, method: Object | None) -> Object:
    form, ident, customer = call.form, new_id("seti"), call.pointed("customer", "customer")
    types = types_of(form)
    return {
        "id": ident,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": automatic(form, types),
        "cancellation_reason": None,
        "client_secret": f"{ident}_secret_{new_id('', 24).removeprefix('_')}",
        "created": call.tx.created,
        "customer": customer["id"] if customer else None,
        "description": form.text("description"),
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": form.metadata(),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": method["id"] if method else None,
        "payment_method_configuration_details": None,
        "payment_method_options": options_of(form, types),
        "payment_method_types": types or ["card"],
        "single_use_mandate": None,
        "status": "requires_confirmation" if method else "requires_payment_method",
        "usage": form.choice("usage", USAGES) or "off_session",
    }


def retrieve(call: Call) -> Answer:
    return seen(call, intent_of(call))


def update(call: Call) -> Answer:
    intent = intent_of(call)
    if intent["status"] not in OPEN:
        raise unexpected(intent, "it can no longer be changed")
    return call.tx.put(_amended(call, intent))


def _amended(call: Call, intent: Object) -> Object:
    after = {**intent, "metadata": call.form.metadata(intent["metadata"])}
    if "description" in call.form:
        after["description"] = call.form.text("description")
    if (customer := call.pointed("customer", "customer")) is not None:
        after["customer"] = customer["id"]
    if (method := method_given(call)) is not None:
        after.update({"payment_method": method["id"], "status": "requires_confirmation", "next_action": None})
    return after


def confirm(call: Call) -> Answer:
    intent = intent_of(call)
    if intent["status"] not in OPEN:
        raise unexpected(intent, "it cannot be confirmed")
    return seen(call, _confirm(call, _amended(call, intent)))


def _confirm(call: Call, intent: Object) -> Object:
    if intent["payment_method"] is None:
        raise unexpected(intent, "it has no payment method to be confirmed with")
    method = call.tx.require("payment_method", intent["payment_method"], param="payment_method", status=400)
    check_type(intent, method)
    check_owner(intent, payment_methods.usable(method))
    if payment_methods.is_bank(method):
        return bank_setups.confirm(call, intent, method)
    if payment_methods.behaviour(method).authenticates is not None:
        return _require_action(call, intent, method)
    return _finish(call.tx, intent, method)


def _require_action(call: Call, intent: Object, method: Object) -> Object:
    after = call.tx.put(charging.waiting(intent, method, base=call.base, return_url=call.form.text("return_url")))
    call.tx.emit("setup_intent.requires_action", after)
    return after


def _finish(tx: Transaction, intent: Object, method: Object) -> Object:
    if (decline := payment_methods.refusal(method, charging=False)) is not None:
        raise _decline_error(tx, intent, method, decline)
    kept = method
    if intent["customer"] is not None and method["customer"] is None:
        kept = payment_methods.tie(tx, method, intent["customer"])
    tx.put({**kept, "_set_up": True})
    done = {"last_setup_error": None, "next_action": None, "payment_method": method["id"], "status": "succeeded"}
    after = tx.put({**intent, **done})
    tx.emit("setup_intent.succeeded", after)
    return after


def _decline_error(tx: Transaction, intent: Object, method: Object, decline: Decline) -> ApiError:
    members = {"code": decline.code, "decline_code": decline.decline_code, "payment_method": public(method)}
    after = _fail(tx, intent, {**members, "message": decline.message, "type": "card_error"})
    return ApiError(402, decline.message, kind="card_error", **members, setup_intent=public(after))


def _fail(tx: Transaction, intent: Object, error: Object) -> Object:
    failed = {"next_action": None, "payment_method": None, "status": "requires_payment_method"}
    after = tx.put({**intent, **failed, "last_setup_error": error})
    tx.emit("setup_intent.setup_failed", after)
    return after


def finish_authentication(tx: Transaction, intent: Object, *, passed: bool) -> Object:
    """What the customer did on the authentication page."""
    if intent["status"] != "requires_action":
        return intent
    method = tx.require("payment_method", intent["payment_method"])
    if passed:
        return _finish(tx, intent, method)
    message = "The customer could not be authenticated. Choose another payment method and try again."
    error = {"code": "setup_intent_authentication_failure", "payment_method": public(method)}
    return _fail(tx, intent, {**error, "message": message, "type": "invalid_request_error"})


def cancel(call: Call) -> Answer:
    intent = intent_of(call)
    if intent["status"] not in OPEN:
        raise unexpected(intent, "it cannot be canceled")
    reason = call.form.choice("cancellation_reason", REASONS)
    after = call.tx.put({**intent, "cancellation_reason": reason, "next_action": None, "status": "canceled"})
    call.tx.emit("setup_intent.canceled", after)
    return after


def page(call: Call) -> Answer:
    method = call.form.text("payment_method")
    return listing(call, "setup_intent", tie="customer", keep=lambda body: method in {None, body["payment_method"]})


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/setup_intents/{intent}/verify_microdeposits",
        run=bank_setups.verify_microdeposits,
        takes=("amounts", "client_secret", "descriptor_code", "expand"),
        publishable=True,
    ),
    Endpoint(method="POST", path="/v1/setup_intents", run=create, takes=CONFIRMING | DESCRIBED | {"confirm", "usage"}),
    Endpoint(method="GET", path="/v1/setup_intents", run=page, takes=PAGING | {"customer", "payment_method"}),
    Endpoint(
        method="GET",
        path="/v1/setup_intents/{intent}",
        run=retrieve,
        takes=("client_secret", "expand"),
        publishable=True,
    ),
    Endpoint(method="POST", path="/v1/setup_intents/{intent}", run=update, takes=AMENDED),
    Endpoint(
        method="POST",
        path="/v1/setup_intents/{intent}/confirm",
        run=confirm,
        takes=CONFIRMING | {"client_secret"},
        publishable=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/setup_intents/{intent}/cancel",
        run=cancel,
        takes=("cancellation_reason", "expand"),
    ),
)
