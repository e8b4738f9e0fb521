"""The addresses of the pages."""

from typing import Final

from aiohttp import web

from web.pages.assets import serve_asset

ROUTES: Final[list[web.RouteDef]] = [web.get("/static/{path:.+}", serve_asset)]
