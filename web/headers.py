"""Headers that make a browser refuse what we never do: one policy for pages, a stricter one for everything else."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from kalecart.settings import STRIPE_JS, Settings
from web.csrf import origin_of

# Set on a response (`response[CARD_FIELD] = True`) whose page holds Stripe's card field, and only there may Stripe's
# script run.
CARD_FIELD: Final = web.ResponseKey("card_field", bool)

# Set on a page that shows a letter in a frame of its own: letters bring their style along.
LETTER: Final = web.ResponseKey("letter", bool)

_SELF: Final = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "object-src": "'none'",
}
_OWN_STYLE: Final = {"style-src": "'self' 'unsafe-inline'"}
_ALL: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
_PAGE: Final = _ALL | {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(self), usb=()",
    "X-Frame-Options": "DENY",
}
_HSTS: Final = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
# A picture or a problem document that is opened by itself may load nothing. Drawings style themselves.
_REST_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class Dress:
    """The headers of this shop, put together once."""

    def __init__(self, settings: Settings) -> None:
        secure = _HSTS if settings.secure else {}
        self._page = _PAGE | secure | {"Content-Security-Policy": _policy(_SELF)}
        self._card_page = _PAGE | secure | {"Content-Security-Policy": _policy(_SELF | _card_field(settings))}
        self._letter = _PAGE | secure | {"Content-Security-Policy": _policy(_SELF | _OWN_STYLE)}
        self._rest = _ALL | secure | {"Content-Security-Policy": _REST_POLICY}

    async def __call__(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Put them on, whatever the handler made: connected to `on_response_prepare`, so that streams have them too."""
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("text/html"):
            response.headers.update(self._page_of(response))
        else:
            response.headers.update(self._rest)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"

    def _page_of(self, response: web.StreamResponse) -> Mapping[str, str]:
        if CARD_FIELD in response:
            return self._card_page
        return self._letter if LETTER in response else self._page


def _policy(sources: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in sources.items())


def _card_field(settings: Settings) -> dict[str, str]:
    if settings.stripe_js_url == STRIPE_JS:
        script = frame = "https://js.stripe.com https://*.js.stripe.com"
        frame += " https://hooks.stripe.com"
        connect = "https://api.stripe.com"
    else:
        script = frame = connect = origin_of(settings.stripe_js_url)
    return {
        "script-src": f"'self' {script}",
        "frame-src": f"'self' {frame}",
        "connect-src": f"'self' {connect}",
    }
