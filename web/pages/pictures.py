"""Product pictures: drawings and photographs the owner put into a folder, and nothing else that may lie there."""

import asyncio
import re
from pathlib import Path
from typing import Final

from aiohttp import web

from kalecart.catalogue.cells import PICTURE_CHARACTERS_MAX, PICTURE_PATTERN
from web.keys import RUNTIME

NAME: Final = re.compile(PICTURE_PATTERN)
KINDS: Final = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
# The owner may replace a picture under its old name: shoppers see it within the hour, and meanwhile ask only once.
CACHE: Final = "public, max-age=3600, stale-while-revalidate=86400"


async def serve_picture(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    path = Path(request.app[RUNTIME].settings.pictures_dir) / name
    fits = len(name) <= PICTURE_CHARACTERS_MAX and NAME.fullmatch(name)
    if not fits or not await asyncio.to_thread(path.is_file):
        raise web.HTTPNotFound
    kind = KINDS[name.rpartition(".")[2]]
    return web.FileResponse(path, headers={"Cache-Control": CACHE, "Content-Type": kind})
