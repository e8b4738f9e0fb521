"""Mandates: a customer's permission to debit a bank account, with when and how it was given."""

from typing import Any

from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.errors import ApiError, InvalidParameters
from stripesim.forms import Form
from stripesim.world import Object, Transaction, new_id, public

WAYS = ("offline", "online")


def accepted(call: Call) -> Object | None:
    """The acceptance that a request tells of. A browser with the publishable key accepts by being there."""
    given = call.form.hash("mandate_data")
    if given is None:
        seen = {"ip_address": call.ip, "user_agent": call.agent}
        return {"accepted_at": call.tx.created, "online": seen, "type": "online"} if call.publishable else None
    given.allow(("customer_acceptance",))
    inner = given.hash("customer_acceptance")
    if inner is None:
        param = "mandate_data[customer_acceptance]"
        raise InvalidParameters(f"Missing required parameter: {param}.", code="parameter_missing", param=param)
    inner.allow(("accepted_at", *WAYS, "type"))
    inner.required("type")
    way = inner.choice("type", WAYS)
    at = inner.integer("accepted_at")
    details = {"offline": {}} if way == "offline" else {"online": _online(call, inner)}
    return {"accepted_at": call.tx.created if at is None else at, "type": way, **details}


def _online(call: Call, given: Form) -> Object:
    online = given.hash("online") or Form({}, given.param("online"))
    online.allow(("ip_address", "user_agent"))
    if call.publishable:
        given_ip, given_agent = online.text("ip_address"), online.text("user_agent")
        return {"ip_address": given_ip or call.ip, "user_agent": given_agent or call.agent}
    return {"ip_address": online.required("ip_address"), "user_agent": online.required("user_agent")}


def make(tx: Transaction, method: Object, acceptance: Object, *, once: Object | None = None, active: bool) -> Object:
    """A mandate for ever, or `once` for the amount of one intent."""
    scope: Object = {"type": "multi_use", "multi_use": {}}
    if once is not None:
        amount = {"amount": once["amount"], "currency": once["currency"]}
        scope = {"type": "single_use", "single_use": amount}
    return tx.put(
        {
            "id": new_id("mandate"),
            "object": "mandate",
            "customer_acceptance": acceptance,
            "livemode": False,
            "payment_method": method["id"],
            "payment_method_details": {"type": method["type"], method["type"]: {}},
            "status": "active" if active else "pending",
            **scope,
        }
    )


def activate(tx: Transaction, ident: str, *, status: str = "active") -> Object:
    before = tx.require("mandate", ident)
    if before["status"] == status:
        return before
    after = tx.put({**before, "status": status})
    tx.emit("mandate.updated", after, previous_attributes={"status": before["status"]})
    return after


def for_payment(call: Call, intent: Object, method: Object) -> str:
    """The id of the mandate by which this intent may debit this account."""
    acceptance = accepted(call)
    if acceptance is not None:
        lasting = intent["setup_future_usage"] == "off_session"
        made = make(call.tx, method, acceptance, once=None if lasting else intent, active=True)
        if lasting:
            call.tx.put({**call.tx.require("payment_method", method["id"]), "_mandate": made["id"]})
        return made["id"]
    named = call.form.text("mandate")
    known = named or method.get("_mandate")
    mandate = call.tx.find("mandate", known) if known else None
    if mandate is not None and mandate["status"] == "active" and mandate["payment_method"] == method["id"]:
        return mandate["id"]
    if named is not None:
        message = f"The mandate {named} does not permit to debit this payment method."
        raise ApiError(400, message, code="payment_intent_mandate_invalid", param="mandate")
    raise missing_acceptance("PaymentIntent", payment_intent=intent)


def missing_acceptance(kind: str, **members: Any) -> ApiError:
    message = (
        f"This {kind} requires a mandate, and there is none. Collect the customer's acceptance and give it as "
        "mandate_data."
    )
    shown: dict[str, Any] = {name: public(body) for name, body in members.items()}
    return ApiError(400, message, **shown)


def revoke(tx: Transaction, method: str) -> None:
    """After a dispute the permission is gone."""
    known = (tx.find("payment_method", method) or {}).get("_mandate")
    if known is not None:
        activate(tx, known, status="inactive")


def retrieve(call: Call) -> Answer:
    return call.tx.require("mandate", call.path["mandate"], param="mandate")


ENDPOINTS = (Endpoint(method="GET", path="/v1/mandates/{mandate}", run=retrieve, takes=("expand",)),)
