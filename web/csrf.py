"""Whether a request that changes something was meant by whoever's cookies it carries.

Fetch Metadata says it in every current browser. Older ones send Origin. What sends neither is no browser; it may pass
as long as it carries none of our cookies, because then it can only do what a stranger can. No tokens: nothing to leak
into pages, nothing to lose in forms.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITE: Final = frozenset({"same-origin", "none"})


def meant(method: str, headers: Mapping[str, str], *, public_origin: str, has_cookie: bool) -> bool:
    """`headers` look names up whatever their case; `none` is a person typing the address or opening a bookmark."""
    if method in SAFE_METHODS:
        return True
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OWN_SITE
    origin = headers.get("Origin")
    if origin is not None:
        return origin == public_origin or origin.partition("://")[2] == headers.get("Host")
    return not has_cookie


def origin_of(url: str) -> str:
    """`https://shop.example/path` -> `https://shop.example`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
