"""The specification and its reader. Swagger UI's files come out of an installed package and are served from there."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from aiohttp import web

from kalecart.errors import NotFound
from web.keys import SPECIFICATION

OWN: Final = Path(__file__).parent / "docs"
A_DAY: Final = "public, max-age=86400"
TYPES: Final = {"html": "text/html", "js": "text/javascript", "css": "text/css"}


@cache
def _files() -> Mapping[str, Path]:
    spec = find_spec("drf_spectacular_sidecar")
    assert spec is not None
    assert spec.origin is not None
    vendor = Path(spec.origin).parent / "static" / "drf_spectacular_sidecar" / "swagger-ui-dist"
    own = {"": OWN / "index.html", "start.js": OWN / "start.js"}
    return own | {name: vendor / name for name in ("swagger-ui.css", "swagger-ui-bundle.js")}


async def get_specification(request: web.Request) -> web.Response:
    return web.Response(body=request.app[SPECIFICATION], content_type="application/json")


async def get_documentation(request: web.Request) -> web.FileResponse:
    path = _files().get(request.match_info.get("file", ""))
    if path is None:
        raise NotFound("Check the address.")
    response = web.FileResponse(path, headers={"Cache-Control": A_DAY})
    response.content_type = TYPES[path.suffix[1:]]
    response.charset = "utf-8"
    return response


def encoded(specification: Mapping[str, object]) -> bytes:
    return json.dumps(specification, ensure_ascii=False).encode()
