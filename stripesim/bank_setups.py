"""Saving a bank account: its owner's permission, and the proof that it is theirs, by small deposits if need be."""

from urllib.parse import urlencode

from stripesim import mandates, payment_methods
from stripesim.endpoints import Answer, Call
from stripesim.errors import ApiError, InvalidParameters
from stripesim.intents import intent_of, seen, unexpected
from stripesim.plans import promise
from stripesim.world import Object, Transaction, public

DEPOSITS_ARRIVE_S = 86_400
# What Stripe publishes for tests: the two amounts or the code of the one deposit, and what they come to.
AMOUNTS = {(32, 45): "verified", (10, 11): "attempts_exceeded", (40, 41): "timeout"}
CODES = {"SM11AA": "verified", "SM33CC": "attempts_exceeded", "SM44DD": "timeout"}
TRIES_MAX = {"amounts": 3, "descriptor_code": 10}
WORDS = {
    "attempts_exceeded": "The number of allowed verification attempts was exceeded.",
    "timeout": "The bank account was not verified within ten days.",
}
FAILED = "Microdeposits failed. Please check the account, institution and transit numbers provided."


def confirm(call: Call, intent: Object, method: Object) -> Object:
    """The permission is there; the account may still have to be verified."""
    acceptance = mandates.accepted(call)
    if acceptance is None:
        raise mandates.missing_acceptance("SetupIntent", setup_intent=intent)
    proven = method["_verified"]
    if not proven and intent["payment_method_options"]["us_bank_account"]["verification_method"] == "instant":
        message = "This SetupIntent takes only bank accounts that were verified instantly."
        raise ApiError(400, message, param="payment_method")
    mandate = mandates.make(call.tx, method, acceptance, active=proven)
    method = call.tx.put({**method, "_mandate": mandate["id"]})
    intent = {**intent, "mandate": mandate["id"], "payment_method": method["id"]}
    if proven:
        return succeed(call.tx, intent, method)
    waiting = {"next_action": _deposits(call, intent), "status": "requires_action", "_tries": 0}
    after = call.tx.put({**intent, **waiting})
    call.tx.emit("setup_intent.requires_action", after)
    if not payment_methods.account(method).takes_deposits:
        promise(call.tx, "deposits.fail", intent["id"], after_s=call.tx.world.bank_delay_s)
    return after


def _deposits(call: Call, intent: Object) -> Object:
    asked = {"intent": intent["id"], "client_secret": intent["client_secret"]}
    details = {
        "arrival_date": call.tx.created + DEPOSITS_ARRIVE_S,
        "hosted_verification_url": f"{call.base}/v3/microdeposits.html?{urlencode(asked)}",
        "microdeposit_type": "descriptor_code",
    }
    return {"type": "verify_with_microdeposits", "verify_with_microdeposits": details}


def succeed(tx: Transaction, intent: Object, method: Object) -> Object:
    kept = {**method, "_verified": True}
    if intent["customer"] is not None and method["customer"] is None:
        kept = payment_methods.tie(tx, kept, intent["customer"])
    tx.put({**kept, "_verified": True})
    mandates.activate(tx, intent["mandate"])
    after = tx.put({**intent, "last_setup_error": None, "next_action": None, "status": "succeeded"})
    tx.emit("setup_intent.succeeded", after)
    return after


def verify_microdeposits(call: Call) -> Answer:
    """What the owner read in the account's statement."""
    intent = intent_of(call)
    waiting = (intent["next_action"] or {}).get("type") == "verify_with_microdeposits"
    if intent["object"] != "setup_intent" or not waiting:
        raise unexpected(intent, "it does not wait for microdeposits")
    kind, verdict = _verdict(call)
    return seen(call, judged(call.tx, intent, kind, verdict))


def judged(tx: Transaction, intent: Object, kind: str, verdict: str | None) -> Object:
    """Verified; or the answer that says how many tries are left, or that there is none."""
    method = tx.require("payment_method", intent["payment_method"])
    if verdict == "verified":
        return succeed(tx, intent, method)
    tries = intent["_tries"] + 1
    if verdict is None and tries < TRIES_MAX[kind]:
        tx.put({**intent, "_tries": tries})
        code = f"payment_method_microdeposit_verification_{kind}_mismatch"
        message = f"That is not what was sent to the bank account. {TRIES_MAX[kind] - tries} attempts remain."
        raise ApiError(400, message, code=code)
    reason = verdict or "attempts_exceeded"
    code, message = f"payment_method_microdeposit_verification_{reason}", WORDS[reason]
    after = fail(tx, intent, code, message)
    raise ApiError(400, message, code=code, setup_intent=public(after))


def _verdict(call: Call) -> tuple[str, str | None]:
    amounts, code = call.form.texts("amounts"), call.form.text("descriptor_code")
    if bool(amounts) == (code is not None):
        raise InvalidParameters("Give either amounts or descriptor_code.", param="amounts")
    if code is not None:
        return "descriptor_code", CODES.get(code.upper())
    if len(amounts) != len(next(iter(AMOUNTS))) or not all(text.isascii() and text.isdigit() for text in amounts):
        code = "payment_method_microdeposit_verification_amounts_invalid"
        raise InvalidParameters("Give exactly two amounts in cents.", code=code, param="amounts")
    first, second = sorted(int(text[:9]) for text in amounts)
    return "amounts", AMOUNTS.get((first, second))


def fail(tx: Transaction, intent: Object, code: str, message: str) -> Object:
    method = tx.require("payment_method", intent["payment_method"])
    error = {"code": code, "message": message, "payment_method": public(method), "type": "invalid_request_error"}
    gone = {"mandate": None, "next_action": None, "payment_method": None, "status": "requires_payment_method"}
    after = tx.put({**intent, **gone, "last_setup_error": error})
    mandates.activate(tx, intent["mandate"], status="inactive")
    tx.emit("setup_intent.setup_failed", after)
    return after


def deposits_fail(tx: Transaction, ident: str) -> None:
    """The deposits came back: there is no such account, or it takes none."""
    intent = tx.require("setup_intent", ident)
    if intent["status"] == "requires_action":
        fail(tx, intent, "payment_method_microdeposit_failed", FAILED)
