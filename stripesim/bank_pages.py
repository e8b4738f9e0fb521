"""What a browser gets to link a bank account, and to say which deposits arrived in it."""

from aiohttp import web

from stripesim import bank_setups
from stripesim.bank_accounts import KIND
from stripesim.errors import ApiError, InvalidParameters, missing, unauthenticated
from stripesim.forms import Form, parse
from stripesim.intents import OPEN, unexpected, visible
from stripesim.pages import intent_of_secret, served
from stripesim.payment_methods import from_form
from stripesim.stand_in import STAND_IN, StandIn
from stripesim.world import Object, Transaction, new_id

DONE = "Thank you. The account is verified, and you can close this page."


def routes() -> list[web.RouteDef]:
    return [
        web.post("/v3/bank-accounts", link),
        web.get("/v3/microdeposits.html", deposits),
        web.post("/v3/microdeposits", verify),
    ]


async def link(request: web.Request) -> web.Response:
    """The account that was typed in the frame becomes the intent's payment method; the digits go no further."""
    try:
        form = Form(parse((await request.read()).decode(errors="replace")))
        return web.json_response(visible(_linked(request.app[STAND_IN], form)))
    except ApiError as error:
        return web.json_response(error.body, status=error.status)


def _linked(stand_in: StandIn, form: Form) -> Object:
    form.allow(("billing_details", "client_secret", "instantly", "key", KIND))
    if not form.required("key").startswith("pk_test_"):
        raise unauthenticated("Give a test publishable key.")
    tx = stand_in.world.begin()
    intent = _waiting(tx, form.required("client_secret"))
    instantly = form.boolean("instantly") is True
    if instantly and intent["payment_method_options"][KIND]["verification_method"] == "microdeposits":
        raise InvalidParameters("This SetupIntent verifies bank accounts by microdeposits only.", param="instantly")
    method = tx.put(from_form(tx, form, kind=KIND, link=new_id("fca") if instantly else None))
    after = {"next_action": None, "payment_method": method["id"], "status": "requires_confirmation"}
    tx.put(linked := {**intent, **after})
    tx.commit()
    return linked


def _waiting(tx: Transaction, secret: str) -> Object:
    ident = secret.partition("_secret_")[0]
    intent = tx.find("setup_intent", ident)
    if intent is None or intent["client_secret"] != secret:
        raise missing("setup_intent", ident, param="client_secret")
    if intent["status"] not in OPEN or KIND not in intent["payment_method_types"]:
        raise unexpected(intent, "no bank account can be linked to it")
    return intent


async def deposits(request: web.Request) -> web.Response:
    """Where the owner says which code the deposit bore. It needs no script."""
    asked = {name: request.query.get(name, "") for name in ("intent", "client_secret")}
    intent = intent_of_secret(request.app[STAND_IN].world, asked["intent"], asked["client_secret"])
    waiting = intent["status"] == "requires_action"
    told = "" if waiting else "This account does not wait for deposits any more."
    return served("microdeposits.html", told=told, form="" if waiting else "hidden", **asked)


async def verify(request: web.Request) -> web.Response:
    form, stand_in = await request.post(), request.app[STAND_IN]
    asked = {name: str(form.get(name, "")) for name in ("intent", "client_secret")}
    intent = intent_of_secret(stand_in.world, asked["intent"], asked["client_secret"])
    told, over = _judged(stand_in, intent, str(form.get("descriptor_code", "")).strip().upper())
    return served("microdeposits.html", told=told, form="hidden" if over else "", **asked)


def _judged(stand_in: StandIn, intent: Object, code: str) -> tuple[str, bool]:
    """What the owner is told, and whether that is the end of it."""
    if (intent["next_action"] or {}).get("type") != "verify_with_microdeposits":
        return "This account does not wait for deposits any more.", True
    tx = stand_in.world.begin()
    try:
        bank_setups.judged(tx, intent, "descriptor_code", bank_setups.CODES.get(code))
    except ApiError as refused:
        tx.commit()
        return str(refused), "setup_intent" in refused.body["error"]
    tx.commit()
    return DONE, True
