"""Pages for when something is in the way. They need nothing that may itself be broken."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from web.pages.frame import bare_frame, partial
from web.pages.rendering import render

_WORDS: Final[Mapping[int, tuple[str, str]]] = {
    403: (
        "This is not for you to open",
        "Start again from the shop, on a page of this site.",
    ),
    404: ("There is nothing here", "The page may have moved, or its address has a typing error."),
    405: ("That does not work here", "Go back and use the page’s own buttons."),
    408: ("That took too long", "Your connection may be slow. Go back and send it once more."),
    413: ("That is more than we can take", "Go back and send less at once."),
    415: ("That cannot be read", "Go back and use the page’s own form."),
    422: ("Something in it cannot be used", "Go back, correct it and send it again."),
    429: ("That was a little often", "This protects accounts from people who guess."),
    500: ("We made a mistake", "It is noted and will be mended. Nothing you did caused it, and your cart is kept."),
    503: ("The shop needs a moment", "Nothing is lost: your cart is kept, and no order is charged twice."),
}


def render_error(request: web.Request, status: int, title: str, detail: str) -> web.Response:
    """`title` and `detail` come from the error; the words above them say where the visitor stands."""
    heading, words = _WORDS.get(status, (title, ""))
    sentences = [sentence for sentence in (words, detail if detail != words else "") if sentence]
    if status == 404:  # noqa: PLR2004  # what was looked for tells nobody anything
        sentences = [words]
    headers = {"HX-Retarget": "body", "HX-Reswap": "outerHTML show:top"} if partial(request) else None
    return render(
        "error.html",
        status=status,
        headers=headers,
        frame=bare_frame(request),
        code=status,
        title=heading,
        words=sentences,
    )
