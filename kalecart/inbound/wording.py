"""Text out of what mail programs send: no markup, nothing invisible, and of a reply what is new."""

import re
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 blockquote table ul ol hr".split(" "))  # noqa: SIM905  # one line
_UNSEEN: Final = frozenset({"script", "style", "head", "title", "template"})
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
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = "\n".join(" ".join(line.split()) for line in "".join(reader.pieces).splitlines())
    return _EMPTY_LINES.sub("\n\n", lines).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the library's
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "body":  # ends a head that nobody ended
            self._unseen = 0
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)
