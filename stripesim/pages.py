"""What a browser gets: the small stripe.js, the frame where card digits are typed, and the page that authenticates."""

from collections.abc import Mapping
from decimal import Decimal
from html import escape
from importlib.resources import files
from pathlib import PurePath
from urllib.parse import urlencode, urlsplit, urlunsplit

from aiohttp import web

from stripesim.stand_in import STAND_IN
from stripesim.world import Object, World

TYPES: Mapping[str, str] = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
# Served with words filled in, by handlers of their own: authenticate.html and microdeposits.html.
FILES = (
    "stripe.js",
    "bank-frame.css",
    "bank-frame.html",
    "bank-frame.js",
    "card-frame.html",
    "card-frame.css",
    "card-frame.js",
    "controller.html",
    "controller.js",
    "authenticate.css",
    "authenticate.js",
)
REDIRECT_STATUSES = {"succeeded": "succeeded", "processing": "pending", "requires_action": "pending"}
# The pages may be framed by any shop, which is what they are for; they load nothing but their own files.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action *; base-uri 'none'"


def routes() -> list[web.RouteDef]:
    own = [web.get(f"/v3/{name}", _file) for name in FILES]
    # The address of the real one ends in a slash; a shop that only swaps the origin finds it there too.
    bank = [web.get("/v3/authenticate.html", authentication), web.post("/v3/authenticate", authenticate)]
    return [*own, *bank, web.get("/v3/", _script)]


async def _script(_request: web.Request) -> web.Response:
    return served("stripe.js")


async def _file(request: web.Request) -> web.Response:
    return served(PurePath(request.path).name)


def served(name: str, **filled: str) -> web.Response:
    """One of the files; in a page, the words in double braces are replaced by the given texts."""
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "no-cache",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    if name.endswith(".html"):
        headers["Content-Security-Policy"] = POLICY
    text = files("stripesim").joinpath("browser", name).read_text(encoding="utf-8")
    for word, value in filled.items():
        text = text.replace(f"{{{{{word}}}}}", escape(value))
    return web.Response(text=text, content_type=TYPES[PurePath(name).suffix], headers=headers)


async def authentication(request: web.Request) -> web.Response:
    """The bank's page. It needs no script; one that nobody waits for any more leads straight back."""
    asked = {name: request.query.get(name, "") for name in ("intent", "client_secret", "attempt")}
    intent = intent_of_secret(request.app[STAND_IN].world, asked["intent"], asked["client_secret"])
    if not _awaited(intent, asked["attempt"]):
        return _gone_back(intent)
    what = (
        f"a payment of {Decimal(intent['amount']).scaleb(-2)} {intent['currency'].upper()}"
        if "amount" in intent
        else "your card"
    )
    return served("authenticate.html", what=what, **asked)


async def authenticate(request: web.Request) -> web.Response:
    """The customer proved to be the card's owner, or did not; then back to where they came from."""
    form, stand_in = await request.post(), request.app[STAND_IN]
    intent = intent_of_secret(stand_in.world, str(form.get("intent")), str(form.get("client_secret")))
    if _awaited(intent, str(form.get("attempt", ""))):
        intent = stand_in.finish_authentication(intent, passed=form.get("outcome") == "complete")
    return _gone_back(intent)


def _awaited(intent: Object, attempt: str) -> bool:
    """Whether the intent waits for this page. A later attempt, perhaps with another card, has a page of its own."""
    asks = (intent["next_action"] or {}).get("type") in {"redirect_to_url", "use_stripe_sdk"}
    return asks and attempt in {"", intent.get("_attempt")}


def _gone_back(intent: Object) -> web.Response:
    if (url := intent.get("_return_url")) is None:
        return web.json_response({"status": intent["status"]})
    return web.Response(status=303, headers={"Location": _back(url, intent), "Referrer-Policy": "no-referrer"})


def intent_of_secret(world: World, ident: str, secret: str) -> Object:
    kind = "setup_intent" if ident.startswith("seti_") else "payment_intent"
    intent = world.find(kind, ident)
    if intent is None or intent["client_secret"] != secret:
        raise web.HTTPNotFound
    return intent


def _back(url: str, intent: Object) -> str:
    parts, kind = urlsplit(url), intent["object"]
    passed = REDIRECT_STATUSES.get(intent["status"], "failed")
    told = {kind: intent["id"], f"{kind}_client_secret": intent["client_secret"], "redirect_status": passed}
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode(told)]))))
