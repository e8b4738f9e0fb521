"""What a browser gets: the small stripe.js, the frame where card digits are typed, and the page that authenticates."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import PurePath
from urllib.parse import urlencode, urlsplit, urlunsplit

from aiohttp import web

from stripesim.stand_in import STAND_IN
from stripesim.world import Object, World

TYPES: Mapping[str, str] = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
FILES = (
    "stripe.js",
    "card-frame.html",
    "card-frame.css",
    "card-frame.js",
    "controller.html",
    "controller.js",
    "authenticate.css",
    "authenticate.html",
    "authenticate.js",
)
# The pages may be framed by any shop, which is what they are for; they load nothing but their own files.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action *; base-uri 'none'"


def routes() -> list[web.RouteDef]:
    own = [web.get(f"/v3/{name}", _file) for name in FILES]
    # The address of the real one ends in a slash; a shop that only swaps the origin finds it there too.
    return [*own, web.get("/v3/", _script), web.post("/v3/authenticate", authenticate)]


async def _script(_request: web.Request) -> web.Response:
    return _served("stripe.js")


async def _file(request: web.Request) -> web.Response:
    return _served(PurePath(request.path).name)


def _served(name: str) -> web.Response:
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
    return web.Response(text=text, content_type=TYPES[PurePath(name).suffix], headers=headers)


async def authenticate(request: web.Request) -> web.Response:
    """The customer proved to be the card's owner, or did not; then back to where they came from."""
    form, stand_in = await request.post(), request.app[STAND_IN]
    intent = _intent(stand_in.world, str(form.get("intent")), str(form.get("client_secret")))
    action = (intent["next_action"] or {}).get("redirect_to_url") or {}
    after = stand_in.finish_authentication(intent, passed=form.get("outcome") == "complete")
    if not action.get("return_url"):
        return web.json_response({"status": after["status"]})
    raise web.HTTPSeeOther(_back(action["return_url"], after))


def _intent(world: World, ident: str, secret: str) -> Object:
    kind = "setup_intent" if ident.startswith("seti_") else "payment_intent"
    intent = world.find(kind, ident)
    if intent is None or intent["client_secret"] != secret:
        raise web.HTTPNotFound
    return intent


def _back(url: str, intent: Object) -> str:
    parts, kind = urlsplit(url), intent["object"]
    passed = "succeeded" if intent["status"] == "succeeded" else "failed"
    told = {kind: intent["id"], f"{kind}_client_secret": intent["client_secret"], "redirect_status": passed}
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode(told)]))))
