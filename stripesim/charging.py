"""Asking the bank: what becomes of an intent to pay when it is confirmed with a card."""

from typing import Any
from urllib.parse import urlencode

from stripesim import charges, disputing, payment_methods
from stripesim.cards import AUTHENTICATION, Decline
from stripesim.errors import ApiError
from stripesim.world import Object, Transaction, new_id, public

CODE_FAILED_AUTHENTICATION = "payment_intent_authentication_failure"


def charge(tx: Transaction, intent: Object, method: Object) -> Object:
    """Take the money, or raise the bank's refusal. Either way there is a charge that says so."""
    decline = payment_methods.refusal(method, charging=True)
    if decline is not None:
        raise decline_error(tx, intent, method, decline)
    paid = tx.put(charges.of_card(intent, method, tx.created))
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
    if (dispute := payment_methods.behaviour(method).disputes) is not None:
        disputing.open_dispute(tx, paid, dispute.reason, inquiry=dispute.inquiry)
    tx.emit("payment_intent.succeeded", after)
    return after


def decline_error(tx: Transaction, intent: Object, method: Object, decline: Decline) -> ApiError:
    """Record the refusal and word it; the intent asks for another method."""
    failed = tx.put(charges.of_card(intent, method, tx.created, decline))
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
    if payment_methods.is_bank(method):
        return False
    rule = payment_methods.behaviour(method).authenticates
    if rule == "unless_set_up":
        return not (off_session and method.get("_set_up"))
    return rule == "always"


def require_action(tx: Transaction, intent: Object, method: Object, *, base: str, return_url: str | None) -> Object:
    asked = {**waiting(intent, method, base=base, return_url=return_url), "last_payment_error": None}
    after = tx.put(asked)
    tx.emit("payment_intent.requires_action", after)
    return after


def waiting(intent: Object, method: Object, *, base: str, return_url: str | None) -> Object:
    """The intent as it waits for its customer: on a page to go to, or one that stripe.js shows in place.

    Each time it has to wait the page is another one, so a page left open cannot answer for a later card.
    """
    attempt = new_id("payatt")
    asked = {"intent": intent["id"], "client_secret": intent["client_secret"], "attempt": attempt}
    url = f"{base}/v3/authenticate.html?{urlencode(asked)}"
    action: Object = {"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": url, "type": "three_d_secure_redirect"}}
    if return_url is not None:
        action = {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
    known = {"_attempt": attempt, "_return_url": return_url}
    return {**intent, **known, "next_action": action, "payment_method": method["id"], "status": "requires_action"}


def authentication_declined(tx: Transaction, intent: Object, method: Object) -> ApiError:
    return decline_error(tx, intent, method, AUTHENTICATION)
