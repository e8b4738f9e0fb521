"""PaymentIntents: one intention to collect, followed through every attempt."""

from contextlib import suppress

from stripesim import charging, debits, payment_methods
from stripesim.amounts import amount_of, currency_of
from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.errors import ApiError, InvalidParameters
from stripesim.forms import Form
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
from stripesim.people import shipping
from stripesim.search import search
from stripesim.world import Object, Transaction, new_id

REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
CAPTURES = ("automatic", "automatic_async")
TEXTS = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix")
AMENDED = frozenset(
    {"amount", "currency", "customer", "expand", "metadata", "payment_method", "setup_future_usage", "shipping", *TEXTS}
)
CONFIRMING = frozenset(
    {
        "error_on_requires_action",
        "expand",
        "mandate",
        "mandate_data",
        "off_session",
        "payment_method",
        "payment_method_data",
        "receipt_email",
        "return_url",
        "setup_future_usage",
        "shipping",
        "use_stripe_sdk",
    }
)
CREATED = (
    AMENDED
    | CONFIRMING
    | {"automatic_payment_methods", "capture_method", "confirm", "confirmation_method"}
    | {"payment_method_options", "payment_method_types"}
)
# Members of an intent that nothing is known of when it is made.
EMPTY_AT_FIRST = (
    "application",
    "application_fee_amount",
    "canceled_at",
    "cancellation_reason",
    "last_payment_error",
    "latest_charge",
    "next_action",
    "on_behalf_of",
    "payment_method_configuration_details",
    "processing",
    "review",
    "transfer_data",
    "transfer_group",
)


def create(call: Call) -> Answer:
    form = call.form
    if (form.boolean("confirm") is not True) and (
        early := _given(form, CONFIRMING - AMENDED - {"payment_method_data"})
    ):
        raise InvalidParameters(f"'{early}' can only be given together with confirm=true.", param=early)
    method = method_given(call)
    intent = call.tx.put(_new(call, method))
    call.tx.emit("payment_intent.created", intent)
    return _confirm(call, intent) if form.boolean("confirm") else intent


def _given(form: Form, names: frozenset[str]) -> str | None:
    return next((name for name in form if name in names - {"expand", "use_stripe_sdk"}), None)


def _new(call: Call, method: Object | None) -> Object:
    form, ident = call.form, new_id("pi")
    currency = currency_of(form, form.required("currency"))
    form.required("amount")
    types = types_of(form)
    customer = call.pointed("customer", "customer")
    return {
        "id": ident,
        "object": "payment_intent",
        "amount": amount_of(form, currency),
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": automatic(form, types),
        "capture_method": form.choice("capture_method", CAPTURES) or "automatic_async",
        "client_secret": f"{ident}_secret_{new_id('', 24).removeprefix('_')}",
        "confirmation_method": form.choice("confirmation_method", ("automatic", "manual")) or "automatic",
        "created": call.tx.created,
        "currency": currency,
        "customer": customer["id"] if customer else None,
        **{name: form.text(name) for name in TEXTS},
        "livemode": False,
        "metadata": form.metadata(),
        "payment_method": method["id"] if method else None,
        "payment_method_options": _options(options_of(form, types)),
        "payment_method_types": types or ["card"],
        "setup_future_usage": form.choice("setup_future_usage", USAGES),
        "shipping": shipping(form.hash("shipping")),
        "status": "requires_confirmation" if method else "requires_payment_method",
        **dict.fromkeys(EMPTY_AT_FIRST),
    }


def _options(given: Object) -> Object:
    return {**given, "card": {"installments": None, **given["card"]}} if "card" in given else given


def retrieve(call: Call) -> Answer:
    return seen(call, intent_of(call))


def update(call: Call) -> Answer:
    intent, form = intent_of(call), call.form
    settled = intent["status"] not in OPEN
    fixed = _given(form, AMENDED - {"metadata", "description", "expand", "receipt_email", "shipping"})
    if settled and fixed is not None:
        raise unexpected(intent, f"its {fixed} can no longer be changed")
    return call.tx.put(_amended(call, intent))


def _amended(call: Call, intent: Object) -> Object:
    form = call.form
    after: Object = {**intent, **{name: form.text(name) for name in TEXTS if name in form}}
    if (currency := form.text("currency")) is not None:
        after["currency"] = currency_of(form, currency)
    if "amount" in form:
        after["amount"] = amount_of(form, after["currency"])
    if (customer := call.pointed("customer", "customer")) is not None:
        after["customer"] = customer["id"]
    if "shipping" in form:
        after["shipping"] = shipping(form.hash("shipping"))
    if "setup_future_usage" in form:
        after["setup_future_usage"] = form.choice("setup_future_usage", USAGES)
    if "metadata" in form:
        after["metadata"] = form.metadata(intent["metadata"])
    if (method := method_given(call)) is not None:
        waiting = {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
        after.update(waiting)
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
        return debits.debit(call, intent, method)
    return_url = call.form.text("return_url")
    chosen = intent["automatic_payment_methods"]
    if chosen and chosen["allow_redirects"] == "always" and return_url is None and not call.publishable:
        message = (
            "This PaymentIntent takes methods that may send the customer to another page, so confirming it needs a "
            "`return_url`; or create it with automatic_payment_methods[allow_redirects]=never."
        )
        raise ApiError(400, message, param="return_url")
    off_session = (call.form.text("off_session") or "false") != "false"
    if charging.needs_authentication(method, off_session=off_session):
        if off_session or call.form.boolean("error_on_requires_action"):
            raise charging.authentication_declined(call.tx, intent, method)
        return charging.require_action(call.tx, intent, method, base=call.base, return_url=return_url)
    return charging.charge(call.tx, intent, method)


def cancel(call: Call) -> Answer:
    intent = intent_of(call)
    on_its_way = debits.can_cancel(call.tx, intent)
    if intent["status"] not in OPEN and not on_its_way:
        raise unexpected(intent, "it cannot be canceled")
    if on_its_way:
        debits.call_back(call.tx, intent)
    reason = call.form.choice("cancellation_reason", REASONS)
    gone = {"canceled_at": call.tx.created, "cancellation_reason": reason, "next_action": None, "status": "canceled"}
    after = call.tx.put({**intent, **gone})
    call.tx.emit("payment_intent.canceled", after)
    return after


def finish_authentication(tx: Transaction, intent: Object, *, passed: bool) -> Object:
    """What the customer did on the authentication page; the bank may still refuse afterwards."""
    if intent["status"] != "requires_action":
        return intent
    method = tx.require("payment_method", intent["payment_method"])
    if not passed:
        return charging.fail_authentication(tx, intent, method)
    with suppress(ApiError):  # what the bank says of the charge, it says in the intent
        charging.charge(tx, intent, method)
    return tx.require("payment_intent", intent["id"])


def page(call: Call) -> Answer:
    return listing(call, "payment_intent", tie="customer")


def found(call: Call) -> Answer:
    return search(call, "payment_intent")


ENDPOINTS = (
    Endpoint(method="POST", path="/v1/payment_intents", run=create, takes=CREATED),
    Endpoint(method="GET", path="/v1/payment_intents", run=page, takes=PAGING | {"customer"}),
    Endpoint(method="GET", path="/v1/payment_intents/search", run=found, takes=("expand", "limit", "page", "query")),
    Endpoint(
        method="GET",
        path="/v1/payment_intents/{intent}",
        run=retrieve,
        takes=("client_secret", "expand"),
        publishable=True,
    ),
    Endpoint(method="POST", path="/v1/payment_intents/{intent}", run=update, takes=AMENDED | {"payment_method_data"}),
    Endpoint(
        method="POST",
        path="/v1/payment_intents/{intent}/confirm",
        run=confirm,
        takes=CONFIRMING | {"client_secret"},
        publishable=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/payment_intents/{intent}/cancel",
        run=cancel,
        takes=("cancellation_reason", "expand"),
    ),
)
