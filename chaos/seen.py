"""A page as a program reads it: where it leads, and the form on it."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import urljoin

_FORM: Final = re.compile(r'<form[^>]*\baction="([^"]*)"')
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


@dataclass(frozen=True)
class Seen:
    """`location` is where it sends the browser, or empty."""

    url: str
    text: str
    location: str

    def action(self) -> str:
        """Where its first form goes."""
        found = _FORM.search(self.text)
        return urljoin(self.url, unescape(found[1])) if found else self.url

    def hidden(self) -> dict[str, str]:
        return {name: unescape(value) for name, value in _HIDDEN.findall(self.text)}
