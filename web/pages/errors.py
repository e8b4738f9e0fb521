"""Errors as pages."""

from aiohttp import web
from markupsafe import escape


def render_error(_request: web.Request, status: int, title: str, detail: str) -> web.Response:
    text = f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(detail)}</p>"
    return web.Response(status=status, text=text, content_type="text/html")
