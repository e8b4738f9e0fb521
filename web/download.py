"""A package on its way to the person it is about: kept by no cache, and by no other site."""

from aiohttp import web

from kalecart.privacy.hand_over import Download


def package_response(download: Download) -> web.Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{download.name}"',
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return web.Response(body=download.content, content_type="application/zip", headers=headers)


def file_response(name: str, media: str, content: bytes) -> web.Response:
    """A file of released figures: public in itself, and still nothing for a cache between."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=media, headers=headers)
