"""Finds a payment card's number in text a person typed, so that it is refused and never stored (E12)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

LENGTHS: Final = range(13, 20)
# Groups of digits with at most one space, dot or dash between them, as a card prints its number.
_RUN: Final = re.compile(r"[0-9]+(?:[ .\-][0-9]+)*")

NOT_HERE: Final = (
    "This looks like a card number. Enter cards only in the card form at checkout: we must not keep one here."
)


def carries_card_number(text: str) -> bool:
    """Whether whole groups of digits in the text make up a number whose length and check digit are a card's."""
    plain = "".join(str(unicodedata.decimal(letter, letter)) for letter in text)
    groups = (re.split(r"[ .\-]", run) for run in _RUN.findall(plain))
    return any(luhn(digits) for run in groups for digits in _as_long_as_a_card(run))


def _as_long_as_a_card(groups: Sequence[str]) -> Iterator[str]:
    """Neighbouring groups put together. From each on only as far as a card goes: a long text of digits takes time in
    proportion to its length, because strangers choose it."""
    for first in range(len(groups)):
        digits = ""
        for group in groups[first : first + LENGTHS[-1]]:
            digits += group
            if len(digits) > LENGTHS[-1]:
                break
            if len(digits) in LENGTHS:
                yield digits


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812: every second digit from the right counts twice, digit by digit."""
    return sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(digits))) % 10 == 0
