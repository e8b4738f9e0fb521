"""Text out of what mail programs send: no markup, nothing invisible, and of a reply what is new."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

_BLOCKS: Final = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 blockquote table ul ol hr".split(" "))  # noqa: SIM905  # one line
_UNSEEN: Final = frozenset({"head", "title", "template"})
# Nothing in them is a tag but their own end.
_RAW: Final = {tag: re.compile(f"</{tag}", re.IGNORECASE) for tag in ("script", "style")}
_COMMENT_ENDS: Final = re.compile("-->")
_TAG: Final = re.compile(
    r"""<!--|<(?P<ends>/?)(?P<tag>[a-z][a-z0-9]*)(?:(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>|[^<>]*+>)|<[!?/][^<>]*+>""",
    re.IGNORECASE,
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_EMPTY_LINES: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")
# Where a mail program puts what the reply is to.
_QUOTED_BELOW: Final = re.compile(
    r"^(?:-{2,} ?(?:original message|forwarded message) ?-{2,}|on .{4,200} wrote:|_{20,})\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_UNRESOLVED: Final = re.compile(
    r"\b(?:(?:not|never|isn['’]?t|wasn['’]?t|hasn['’]?t|aren['’]?t)\s+(?:\w+\s+){0,3}?(?:resolved?|solved?|fixed|settled|satisfied)"
    r"|unresolved|unsolved|dissatisfied|unsatisfied|disagree|does(?: no|n['’])t resolve)\b",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Without signs that no text has, lines ended alike."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def new_in(reply: str) -> str:
    """What somebody wrote above and between what they reply to."""
    above = _QUOTED_BELOW.split(reply, maxsplit=1)[0]
    return "\n".join(line for line in above.splitlines() if not line.startswith(">")).strip()


def says_unresolved(text: str) -> bool:
    """Whether somebody says in so many words that an answer did not help."""
    return _UNRESOLVED.search(text) is not None


def text_of_html(markup: str) -> str:
    """In time with its length, whatever a stranger makes of it."""
    lines = "\n".join(" ".join(line.split()) for line in "".join(_pieces(markup)).splitlines())
    return _EMPTY_LINES.sub("\n\n", lines).strip()


def _pieces(markup: str) -> Iterator[str]:
    unseen, at = 0, 0
    while found := _TAG.search(markup, at):
        if not unseen:
            yield unescape(markup[at : found.start()])
        at, tag, ends = found.end(), (found["tag"] or "").lower(), bool(found["ends"])
        if found[0] == "<!--":
            at = _find(_COMMENT_ENDS, markup, at) + len("-->")
        elif tag in _RAW and not ends:
            at = _find(_RAW[tag], markup, at)
        elif tag in _UNSEEN:
            unseen = max(0, unseen - 1) if ends else unseen + 1
        elif tag == "body" and not ends:  # ends a head that nobody ended
            unseen = 0
        elif tag in _BLOCKS and not unseen:
            yield "\n"
    if not unseen:
        yield unescape(markup[at:])


def _find(sign: re.Pattern[str], markup: str, at: int) -> int:
    """Where it is, or else where the page ends."""
    found = sign.search(markup, at)
    return found.start() if found else len(markup)
