"""The three cookies, all opaque random tokens: the cart's (C2, the only one a guest ever gets), and two for log-ins."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web

LIFETIME: Final = timedelta(days=30)
# What `chance.new_token` makes, and room. Anything longer, or of other letters, was not made here; bytes that are no
# text would not even hash.
TOKEN_LENGTH_MAX: Final = 64


@dataclass(frozen=True)
class Cookies:
    """Cookie names and attributes, by whether the shop is served over HTTPS."""

    secure: bool

    @property
    def cart(self) -> str:
        return self._name("kale_cart")

    @property
    def session(self) -> str:
        return self._name("kale_session")

    @property
    def staff(self) -> str:
        return self._name("kale_staff")

    @property
    def names(self) -> tuple[str, str, str]:
        return self.cart, self.session, self.staff

    def _name(self, name: str) -> str:
        # The prefix makes browsers refuse it from a subdomain, another path or an unencrypted page.
        return f"__Host-{name}" if self.secure else name

    def token(self, request: web.Request, name: str) -> str | None:
        token = request.cookies.get(name)
        return token if token and len(token) <= TOKEN_LENGTH_MAX and token.isascii() else None

    def set(self, response: web.StreamResponse, name: str, token: str, *, lifetime: timedelta = LIFETIME) -> None:
        response.set_cookie(
            name,
            token,
            max_age=int(lifetime.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=self.secure,
            path="/",
        )

    def drop(self, response: web.StreamResponse, name: str) -> None:
        response.del_cookie(name, httponly=True, samesite="Lax", secure=self.secure, path="/")
