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
