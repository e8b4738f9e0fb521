"""What PaymentIntents and SetupIntents share: how they are found, confirmed with a card, and seen from a browser."""

from stripesim import payment_methods
from stripesim.bank_accounts import KIND as BANK
from stripesim.endpoints import Answer, Call
from stripesim.errors import ApiError, InvalidParameters, missing
from stripesim.forms import Form
from stripesim.world import Object, public

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
USAGES = ("off_session", "on_session")
# What a browser, which has only the publishable key and the intent's secret, may see of it.
PUBLISHABLE = frozenset(
    {
        *(
            "id",
            "object",
            "amount",
            "automatic_payment_methods",
            "canceled_at",
            "cancellation_reason",
            "capture_method",
        ),
        *("client_secret", "confirmation_method", "created", "currency", "description", "last_payment_error"),
        *(
            "last_setup_error",
            "livemode",
            "next_action",
            "payment_method",
            "payment_method_options",
            "payment_method_types",
        ),
        *("processing", "receipt_email"),
        *("setup_future_usage", "shipping", "status", "usage"),
    }
)


def types_of(form: Form) -> list[str]:
    """The types of payment methods the caller names. Chosen automatically, it is cards alone."""
    types = form.texts("payment_method_types")
    if set(types) - {"card", BANK} or len(set(types)) < len(types):
        message = f"The stand-in knows the payment method types 'card' and '{BANK}', each given once."
        raise InvalidParameters(message, param="payment_method_types")
    return types


def options_of(form: Form, types: list[str]) -> Object:
    """The options of each type: of bank accounts, how they are to be verified."""
    given = form.hash("payment_method_options") or Form({}, "payment_method_options")
    given.allow(tuple({BANK} & set(types)))
    bank = given.hash(BANK) or Form({}, given.param(BANK))
    bank.allow(("financial_connections", "verification_method"))
    links = bank.hash("financial_connections") or Form({}, bank.param("financial_connections"))
    links.allow(("permissions",))
    method = bank.choice("verification_method", ("automatic", "instant", "microdeposits")) or "automatic"
    linked = {"financial_connections": {"permissions": links.texts("permissions") or ["payment_method"]}}
    options: Object = {}
    if "card" in types or not types:
        options["card"] = {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
    return options | ({BANK: {**linked, "mandate_options": {}, "verification_method": method}} if BANK in types else {})


def check_type(intent: Object, method: Object) -> None:
    if method["type"] in intent["payment_method_types"]:
        return
    kind = intent["object"]
    message = f"This {kind} takes {' and '.join(intent['payment_method_types'])}, and no {method['type']}."
    code = {"code": "payment_intent_incompatible_payment_method"} if kind == "payment_intent" else {}
    raise ApiError(400, message, param="payment_method", **code)


def automatic(form: Form, types: list[str]) -> Object | None:
    """Methods are chosen automatically unless the caller names them."""
    given = form.hash("automatic_payment_methods")
    if given is None:
        return None if types else {"allow_redirects": "always", "enabled": True}
    given.allow(("allow_redirects", "enabled"))
    given.required("enabled")
    if not given.boolean("enabled"):
        return None
    if types:
        message = "Give either payment_method_types or automatic_payment_methods, not both."
        raise InvalidParameters(message, param="payment_method_types")
    return {"allow_redirects": given.choice("allow_redirects", ("always", "never")) or "always", "enabled": True}


def method_given(call: Call) -> Object | None:
    """The payment method of the request: an id, a published id, or a card's data."""
    ident, data = call.form.text("payment_method"), call.form.hash("payment_method_data")
    if ident is not None:
        return payment_methods.usable(payment_methods.resolve(call.tx, ident))
    return None if data is None else call.tx.put(payment_methods.from_form(call.tx, data))


def intent_of(call: Call) -> Object:
    """The intent of the path. A browser must know its secret as well."""
    ident = call.path["intent"]
    kind = "setup_intent" if ident.startswith("seti_") else "payment_intent"
    intent = call.tx.find(kind, ident)
    secret = call.form.text("client_secret")
    if intent is None or ((call.publishable or secret is not None) and intent["client_secret"] != secret):
        raise missing(kind, ident, param="intent")
    return intent


def seen(call: Call, intent: Object) -> Answer:
    return visible(intent) if call.publishable else intent


def visible(intent: Object) -> Answer:
    return {name: value for name, value in intent.items() if name in PUBLISHABLE}


def check_owner(intent: Object, method: Object) -> None:
    owner = method["customer"]
    if owner is None or owner == intent["customer"]:
        return
    message = f"The payment method {method['id']} belongs to a customer, who must be the customer of the PaymentIntent."
    raise ApiError(400, message, param="payment_method")


def unexpected(intent: Object, consequence: str) -> ApiError:
    kind = intent["object"]
    message = f"This {kind} has the status {intent['status']}: {consequence}."
    members: Object = {"code": f"{kind}_unexpected_state", kind: public(intent)}
    return ApiError(400, message, **members)
