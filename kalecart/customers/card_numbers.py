"""Finds a payment card's number in text a person typed, so that it is refused and never stored (E12)."""

import re
import unicodedata
from itertools import accumulate
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
    return any(_is_card(digits) for run in groups for first in range(len(run)) for digits in accumulate(run[first:]))


def _is_card(digits: str) -> bool:
    return len(digits) in LENGTHS and luhn(digits)


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812: every second digit from the right counts twice, digit by digit."""
    return sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(digits))) % 10 == 0
