"""Every field's problem at once: nobody should have to send a form five times to learn five things."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from kalecart.errors import Invalid

Given = TypeVar("Given")
Taken = TypeVar("Taken")


class Unusable(ValueError):
    """What a person typed cannot be used. Maps the places in it ("" is the whole) to what to do about each."""

    def __init__(self, problems: str | Mapping[str, str]) -> None:
        super().__init__("a value that cannot be used")
        self.problems = {"": problems} if isinstance(problems, str) else dict(problems)


class Problems:
    """Collects what is wrong, under JSON pointers."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def take(self, pointer: str, parse: Callable[[Given], Taken], given: Given, *, instead: Taken) -> Taken:
        """The parsed value; or `instead`, with the problem noted."""
        try:
            return parse(given)
        except Unusable as error:
            self.found |= {pointer + place: words for place, words in error.problems.items()}
            return instead

    def refuse(self, pointer: str, words: str) -> None:
        self.found.setdefault(pointer, words)

    def raise_any(self) -> None:
        if self.found:
            raise Invalid(self.found)
