"""Stylesheet, scripts and htmx: read once, named by their content, kept by browsers for a year.

htmx comes out of an installed package, of which nothing but the files is used; no copy of it is kept here.
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from aiohttp import web

OWN: Final = Path(__file__).parents[1] / "static"
VENDOR: Final = {"vendor/htmx.js": "htmx-4.min.js", "vendor/hx-sse.js": "ext/hx-sse-4.min.js"}
FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file as it is served, and the address that changes when it does."""

    url: str
    body: bytes
    content_type: str


@cache
def assets() -> Mapping[str, Asset]:
    """Every file by its plain name, such as `shop.css` or `vendor/htmx.js`."""
    files = {path.name: path for path in OWN.iterdir() if path.is_file()}
    return {name: _asset(name, path.read_bytes()) for name, path in {**files, **_vendor_files()}.items()}


@cache
def _by_url() -> Mapping[str, Asset]:
    return {asset.url: asset for asset in assets().values()}


def static_url(name: str) -> str:
    return assets()[name].url


async def serve_asset(request: web.Request) -> web.Response:
    asset = _by_url().get(request.path)
    if asset is None:
        raise web.HTTPNotFound
    headers = {"Cache-Control": FOREVER, "Content-Type": asset.content_type}
    return web.Response(body=asset.body, headers=headers)


async def serve_favicon(_request: web.Request) -> web.Response:
    """Browsers ask for this name whatever the page says."""
    asset = assets()["favicon.svg"]
    return web.Response(body=asset.body, headers={"Cache-Control": FOREVER, "Content-Type": asset.content_type})


def _asset(name: str, body: bytes) -> Asset:
    stem, _, suffix = name.rpartition(".")
    kind = mimetypes.types_map.get(f".{suffix}", "application/octet-stream")
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    digest = hashlib.sha256(body).hexdigest()[:10]
    return Asset(url=f"/static/{stem}.{digest}.{suffix}", body=body, content_type=kind + charset)


def _vendor_files() -> Mapping[str, Path]:
    spec = find_spec("django_htmx")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "static" / "django_htmx"
    return {name: folder / file for name, file in VENDOR.items()}
