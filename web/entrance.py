"""Cookies at the door: what a visit brings, what a log-in sets, what leaving takes away."""

from typing import TypeVar

from aiohttp import web

from kalecart.accounts.visit import Entered, Visit
from web.keys import COOKIES

R = TypeVar("R", bound=web.StreamResponse)


def visit_of(request: web.Request) -> Visit:
    cookies = request.app[COOKIES]
    return Visit(
        origin=request.remote or "",
        session_token=cookies.token(request, cookies.session),
        cart_token=cookies.token(request, cookies.cart),
    )


def enter(request: web.Request, response: R, entered: Entered) -> R:
    """Both tokens are new: one planted before the log-in opens nothing now (E11)."""
    cookies = request.app[COOKIES]
    cookies.set(response, cookies.session, entered.session_token)
    if entered.cart_token:
        cookies.set(response, cookies.cart, entered.cart_token)
    return response


def leave(request: web.Request, response: R) -> R:
    """The cart belongs to the customer now, so a browser that is left behind does not keep it."""
    cookies = request.app[COOKIES]
    cookies.drop(response, cookies.session)
    cookies.drop(response, cookies.cart)
    return response
